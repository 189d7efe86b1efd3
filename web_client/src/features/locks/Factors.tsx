import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FactorView } from '../../api/types'
import { Doing } from '../../base/doing'
import { dayOf } from '../../base/format'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { AddPasskey } from './AddPasskey'
import { AddTotp } from './AddTotp'
import { Codes } from './Codes'
import classes from './Locks.module.css'
import type { Mine } from './model'
import { passkeysHere } from './passkeys'
import { ProofForm } from './ProofForm'

type Open = { what: 'totp' | 'passkey' | 'codes' } | { what: 'remove'; factor: FactorView }

interface Props {
  mine: Mine
  changed: () => void
}

/** The second factor: an authenticator, passkeys, and recovery codes beside them. */
export function Factors({ mine, changed }: Props) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Open | null>(null)
  const { factors, codes_left, second_factor } = mine.locks
  const close = () => setOpen(null)
  const done = () => {
    close()
    changed()
  }
  const totp = factors.find(({ kind }) => kind === 'totp')
  const passkeys = factors.filter(({ kind }) => kind === 'passkey')
  if (second_factor === 'never') return <NotOffered />
  return (
    <section className={classes.part} aria-labelledby="locks-factors">
      <h2 id="locks-factors">{t('locks.factors')}</h2>
      <p className="muted sm">{t(factors.length > 0 ? 'locks.factorsOn' : 'locks.factorsOff')}</p>
      <ul className={classes.rows}>
        <li className={classes.row}>
          <Words name={t('locks.totp')} factor={totp} none={t('locks.totpNone')} />
          <div className={classes.acts}>
            <Button variant="default" size="sm" onClick={() => setOpen({ what: 'totp' })}>
              {t(totp ? 'locks.replace' : 'locks.setUp')}
            </Button>
            {totp && <Remove factor={totp} ask={(factor) => setOpen({ what: 'remove', factor })} />}
          </div>
        </li>
        {passkeys.map((factor) => (
          <li key={factor.id} className={classes.row} data-passkey={factor.id}>
            <Words name={factor.name || t('locks.kind.passkey')} factor={factor} />
            <Remove factor={factor} ask={(one) => setOpen({ what: 'remove', factor: one })} />
          </li>
        ))}
        {mine.ways.passkeys && passkeysHere() && (
          <li className={classes.row}>
            <div>
              <p>
                <b>{t('locks.passkeys')}</b>
              </p>
              <p className="muted sm">{t('locks.passkeysText')}</p>
            </div>
            <Button variant="default" size="sm" onClick={() => setOpen({ what: 'passkey' })}>
              {t('locks.passkeyAdd')}
            </Button>
          </li>
        )}
        {factors.length > 0 && (
          <li className={classes.row}>
            <div>
              <p>
                <b>{t('locks.codes')}</b>
              </p>
              <p className="muted sm">{t('locks.codesLeft', { left: codes_left })}</p>
            </div>
            <Button variant="default" size="sm" onClick={() => setOpen({ what: 'codes' })}>
              {t('locks.newCodes')}
            </Button>
          </li>
        )}
      </ul>
      <Dialog opened={open?.what === 'totp'} close={done} title={t('locks.totp')}>
        <AddTotp done={done} cancel={close} />
      </Dialog>
      <Dialog opened={open?.what === 'passkey'} close={done} title={t('locks.passkeyAdd')}>
        <AddPasskey done={done} cancel={close} />
      </Dialog>
      <Dialog opened={open?.what === 'codes'} close={done} title={t('locks.codes')}>
        <NewCodes done={done} cancel={close} />
      </Dialog>
      <Dialog opened={open?.what === 'remove'} close={close} title={t('locks.removeFactor')}>
        {open?.what === 'remove' && (
          <RemoveOne factor={open.factor} last={factors.length === 1} done={done} cancel={close} />
        )}
      </Dialog>
    </section>
  )
}

function NotOffered() {
  const { t } = useTranslation()
  return (
    <section className={classes.part}>
      <h2>{t('locks.factors')}</h2>
      <p className="muted">{t('error.second_factor_not_offered')}</p>
    </section>
  )
}

function Words(props: { name: string; factor?: FactorView; none?: string }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { factor } = props
  const since = factor && t('locks.since', { day: dayOf(factor.created, zone) })
  const used = factor?.used && t('locks.used', { day: dayOf(factor.used, zone) })
  return (
    <div>
      <p>
        <b>{props.name}</b>
      </p>
      <p className="muted sm">{factor ? [since, used].filter(Boolean).join(' · ') : props.none}</p>
    </div>
  )
}

function Remove({ factor, ask }: { factor: FactorView; ask: (factor: FactorView) => void }) {
  const { t } = useTranslation()
  const name = factor.name || t(`locks.kind.${factor.kind}`)
  return (
    <Button
      variant="subtle"
      size="sm"
      aria-label={`${t('locks.remove')}: ${name}`}
      onClick={() => ask(factor)}
    >
      {t('locks.remove')}
    </Button>
  )
}

interface Asking {
  done: () => void
  cancel: () => void
}

function RemoveOne({ factor, last, done, cancel }: Asking & { factor: FactorView; last: boolean }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const remove = async (password: string) => {
    if (await doing.run(() => api.removeFactor(factor.id, password))) done()
  }
  return (
    <>
      <p className="muted">{t(last ? 'locks.removeLastText' : 'locks.removeText')}</p>
      <ProofForm doing={doing} submit={t('locks.remove')} send={remove} cancel={cancel} stop />
    </>
  )
}

function NewCodes({ done, cancel }: Asking) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const [codes, setCodes] = useState<string[] | null>(null)
  const make = async (password: string) => {
    const made = await doing.run(() => api.newRecoveryCodes(password))
    if (made) setCodes(made.codes)
  }
  if (codes) return <Codes codes={codes} done={done} />
  return (
    <>
      <p className="muted">{t('locks.newCodesText')}</p>
      <ProofForm doing={doing} submit={t('locks.newCodes')} send={make} cancel={cancel} />
    </>
  )
}
