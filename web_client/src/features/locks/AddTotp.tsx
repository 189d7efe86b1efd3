import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TotpOffer } from '../../api/types'
import { explain } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { useFocus } from '../../ui/focus'
import { Codes } from './Codes'
import classes from './Locks.module.css'
import { inFours, pictureOf } from './model'
import { ProofForm } from './ProofForm'
import { TotpModel } from './totp'

/** Three steps to an authenticator; `done` after the recovery codes were shown. */
export function AddTotp({ done, cancel }: { done: () => void; cancel?: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [model] = useState(() => new TotpModel(api))
  const now = useValue(model.step)
  if (now.step === 'codes') return <Codes codes={now.codes} done={done} />
  if (now.step === 'scan') return <Scan model={model} offer={now.offer} />
  return (
    <>
      <p className="muted">{t('locks.totpText')}</p>
      <ProofForm
        doing={model.doing}
        submit={t('locks.next')}
        send={(password) => model.begin(password)}
        cancel={cancel}
      />
    </>
  )
}

function Scan({ model, offer }: { model: TotpModel; offer: TotpOffer }) {
  const { t } = useTranslation()
  const { busy, error } = useValue(model.doing.state)
  const here = useFocus<HTMLFormElement>()
  const [code, setCode] = useState('')
  const [tried, setTried] = useState(false)
  const send = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (code.trim()) void model.confirm(code)
  }
  return (
    <form
      ref={here}
      tabIndex={-1}
      className={`${classes.form} ${classes.step}`}
      onSubmit={send}
      noValidate
    >
      <p>{t('locks.scan')}</p>
      <img className={classes.qr} src={pictureOf(offer.qr)} alt={t('locks.qr')} />
      <div>
        <p className="sm muted">{t('locks.typeSecret')}</p>
        <p className={classes.secret} data-secret={offer.secret}>
          {inFours(offer.secret)}
        </p>
        <a href={offer.uri} className="tap sm">
          {t('locks.openApp')}
        </a>
      </div>
      <TextInput
        label={t('locks.codeOfApp')}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={tried && !code.trim() && t('login.codeMissing')}
      />
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <div className={classes.buttons}>
        <Button type="submit" disabled={busy}>
          {t('locks.confirm')}
        </Button>
      </div>
    </form>
  )
}
