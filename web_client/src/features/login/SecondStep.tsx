import { Button, Checkbox, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { explain, isRefusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import classes from './View.module.css'

interface Props {
  ticket: string
  /** The step ran out, or was left. */
  back: (error?: unknown) => void
  done?: () => void
}

/** The step behind the password: one field for a code of the authenticator or a recovery code. */
export function SecondStep({ ticket, back, done }: Props) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [code, setCode] = useState('')
  const [trust, setTrust] = useState(false)
  const [missing, setMissing] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    if (isRefusal(error, 'ticket_invalid')) back(error)
  }, [error])
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setMissing(!code.trim())
    if (!code.trim()) return
    const entered = await doing.run(async () => {
      await entrance.secondStep(ticket, code, trust)
      return true
    })
    if (entered) done?.()
  }
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
      <TextInput
        ref={field}
        label={t('login.code')}
        description={t('login.codeHelp')}
        name="code"
        autoComplete="one-time-code"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={missing && t('login.codeMissing')}
      />
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <Checkbox
        label={t('login.trust')}
        description={t('login.trustText')}
        checked={trust}
        onChange={(event) => setTrust(event.currentTarget.checked)}
      />
      <Button type="submit" fullWidth disabled={busy}>
        {t('login.submit')}
      </Button>
      <Button variant="subtle" onClick={() => back()}>
        {t('login.another')}
      </Button>
    </form>
  )
}
