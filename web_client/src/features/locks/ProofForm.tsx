import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Doing } from '../../base/doing'
import { explain, isRefusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { FieldError } from '../../ui/FieldError'
import { reveal } from '../../ui/reveal'
import classes from './Locks.module.css'

interface Props {
  doing: Doing
  submit: string
  send: (password: string) => Promise<unknown>
  cancel?: () => void
  stop?: boolean
  /** More fields, above the password. */
  children?: ReactNode
}

/** Asks for the password again, so that a screen left open changes no locks. */
export function ProofForm({ doing, submit, send, cancel, stop, children }: Props) {
  const { t } = useTranslation()
  const { busy, error } = useValue(doing.state)
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (password) void send(password)
  }
  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      {children}
      <PasswordInput
        data-autofocus
        label={t('locks.yourPassword')}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={tried && !password ? t('login.passwordMissing') : isRefusal(error, WRONG)}
        {...reveal(t)}
      />
      {error !== null && <FieldError>{proofSentence(error, t('locks.wrongPassword'))}</FieldError>}
      <div className={classes.buttons}>
        <Button type="submit" disabled={busy} className={stop ? 'stop' : undefined}>
          {submit}
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

const WRONG = 'wrong_credentials'

export function proofSentence(error: unknown, wrong: string): string {
  return isRefusal(error, WRONG) ? wrong : explain(error)
}
