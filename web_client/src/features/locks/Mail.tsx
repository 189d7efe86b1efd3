import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { explain } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { FieldError } from '../../ui/FieldError'
import { useFocus } from '../../ui/focus'
import classes from './Locks.module.css'
import type { Mine } from './model'
import { ProofForm } from './ProofForm'

type Open = 'set' | 'confirm' | 'remove'

/** The address by which a forgotten password is renewed; only where the server sends mail. */
export function Mail({ mine, changed }: { mine: Mine; changed: () => void }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Open | null>(null)
  const { mail } = mine.locks
  if (!mine.ways.mail) return null
  const close = () => {
    setOpen(null)
    changed()
  }
  const state = mail?.confirmed ? 'locks.mailConfirmed' : 'locks.mailUnconfirmed'
  return (
    <section className={classes.part} aria-labelledby="locks-mail">
      <h2 id="locks-mail">{t('locks.mail')}</h2>
      <div className={classes.rows}>
        <div className={classes.row}>
          <div>
            {mail && (
              <p>
                <b>{mail.address}</b>
              </p>
            )}
            <p className="muted sm">{t(mail ? state : 'locks.mailNone')}</p>
          </div>
          <div className={classes.acts}>
            {mail && !mail.confirmed && (
              <Button variant="default" size="sm" onClick={() => setOpen('confirm')}>
                {t('locks.confirm')}
              </Button>
            )}
            <Button variant="default" size="sm" onClick={() => setOpen('set')}>
              {t(mail ? 'locks.mailChange' : 'locks.mailAdd')}
            </Button>
            {mail && (
              <Button
                variant="subtle"
                size="sm"
                aria-label={`${t('locks.remove')}: ${mail.address}`}
                onClick={() => setOpen('remove')}
              >
                {t('locks.remove')}
              </Button>
            )}
          </div>
        </div>
      </div>
      <Dialog opened={open === 'set'} close={close} title={t('locks.mail')}>
        <SetAddress done={close} />
      </Dialog>
      <Dialog opened={open === 'confirm'} close={close} title={t('locks.mail')}>
        {mail && <Confirm address={mail.address} done={close} />}
      </Dialog>
      <Dialog opened={open === 'remove'} close={close} title={t('locks.mailRemove')}>
        <RemoveAddress done={close} />
      </Dialog>
    </section>
  )
}

function SetAddress({ done }: { done: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const [address, setAddress] = useState('')
  const [sent, setSent] = useState(false)
  const [tried, setTried] = useState(false)
  const send = async (password: string) => {
    setTried(true)
    if (address.trim() && (await doing.run(() => api.setMail(password, address.trim())))) {
      setSent(true)
    }
  }
  if (sent) return <Confirm address={address.trim()} done={done} />
  return (
    <ProofForm doing={doing} submit={t('locks.next')} send={send} cancel={done}>
      <TextInput
        label={t('locks.mailAddress')}
        type="email"
        autoComplete="email"
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        error={tried && !address.trim() && t('common.fillIn')}
      />
    </ProofForm>
  )
}

function Confirm({ address, done }: { address: string; done: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const here = useFocus<HTMLFormElement>()
  const [code, setCode] = useState('')
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!(await doing.run(() => api.confirmMail(code.trim())))) return
    notifications.show({ message: t('locks.mailKept') })
    done()
  }
  return (
    <form
      ref={here}
      tabIndex={-1}
      className={`${classes.form} ${classes.step}`}
      onSubmit={(event) => void send(event)}
      noValidate
    >
      <p>{t('locks.mailSent', { address })}</p>
      <TextInput
        data-autofocus
        label={t('locks.mailCode')}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <div className={classes.buttons}>
        <Button type="submit" disabled={busy || !code.trim()}>
          {t('locks.confirm')}
        </Button>
      </div>
    </form>
  )
}

function RemoveAddress({ done }: { done: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const remove = async (password: string) => {
    if (await doing.run(() => api.removeMail(password))) done()
  }
  return (
    <>
      <p className="muted">{t('locks.mailRemoveText')}</p>
      <ProofForm doing={doing} submit={t('locks.remove')} send={remove} cancel={done} stop />
    </>
  )
}
