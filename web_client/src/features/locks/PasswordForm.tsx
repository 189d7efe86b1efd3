import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { isRefusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { reveal } from '../../ui/reveal'
import { proofSentence } from './ProofForm'
import classes from './Locks.module.css'

interface Props {
  login: string
  oldLabel: string
  done: () => void
  cancel?: () => void
}

/** The old password, and a new one. */
export function PasswordForm({ login, oldLabel, done, cancel }: Props) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [tried, setTried] = useState(false)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (old && fresh && (await doing.run(() => api.changePassword(old, fresh)))) done()
  }
  const empty = (text: string) => tried && !text && t('common.fillIn')
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
      {/* For keepers of passwords: whose password this is. */}
      <input type="text" autoComplete="username" value={login} readOnly hidden />
      <PasswordInput
        data-autofocus
        label={oldLabel}
        autoComplete="current-password"
        value={old}
        onChange={(event) => setOld(event.currentTarget.value)}
        error={empty(old) || isRefusal(error, 'wrong_credentials')}
        {...reveal(t)}
      />
      <PasswordInput
        label={t('locks.newPassword')}
        description={t('locks.passwordHelp')}
        autoComplete="new-password"
        value={fresh}
        onChange={(event) => setFresh(event.currentTarget.value)}
        error={empty(fresh)}
        {...reveal(t)}
      />
      {error !== null && <FieldError>{proofSentence(error, t('locks.wrongPassword'))}</FieldError>}
      <div className={classes.buttons}>
        <Button type="submit" disabled={busy}>
          {t('locks.changePassword')}
        </Button>
        {cancel && (
          <Button variant="default" onClick={cancel}>
            {t('common.cancel')}
          </Button>
        )}
      </div>
    </form>
  )
}
