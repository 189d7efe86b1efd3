import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearch } from 'wouter'
import { Doing } from '../../base/doing'
import { explain } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Front } from '../../ui/Front'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import classes from './View.module.css'

/** A letter with a link to a new password, for who gave an address. It never tells who did. */
export default function ForgottenPage() {
  const { t } = useTranslation()
  const { api } = useServices()
  const search = useSearch()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [login, setLogin] = useState('')
  const [tried, setTried] = useState(false)
  const [sent, setSent] = useState(false)
  const heading = usePage(t('login.forgotTitle'))
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (login.trim() && (await doing.run(() => api.recover(login.trim())))) setSent(true)
  }
  return (
    <Front>
      <main id="main" className={classes.single} tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {t('login.forgotTitle')}
        </h1>
        <div role="status">
          {sent && (
            <p className="note">
              <Icon name="check" />
              <span>{t('login.forgotSent')}</span>
            </p>
          )}
        </div>
        {!sent && (
          <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
            <p className="muted">{t('login.forgotText')}</p>
            <TextInput
              label={t('login.login')}
              autoComplete="username"
              autoCapitalize="none"
              autoCorrect="off"
              spellCheck={false}
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
              error={tried && !login.trim() && t('login.loginMissing')}
            />
            {error !== null && <FieldError>{explain(error)}</FieldError>}
            <Button type="submit" fullWidth disabled={busy}>
              {t('login.forgotSend')}
            </Button>
          </form>
        )}
        <p className="sm muted">{t('login.forgotAsk')}</p>
        <Link href={search ? `/log-in?${search}` : '/log-in'} className="tap sm">
          {t('common.toLogIn')}
        </Link>
      </main>
    </Front>
  )
}
