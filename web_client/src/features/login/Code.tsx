import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { Doing } from '../../base/doing'
import { explain, isRefusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import { reveal } from '../../ui/reveal'
import { safeNext } from '../entrance/model'
import { codeOf, ticketOf } from './model'
import { SecondStep } from './SecondStep'
import classes from './View.module.css'

/** "I was given a code": login, code and a new password; or a link that holds the first two. */
export default function CodePage() {
  const { t } = useTranslation()
  const [, go] = useLocation()
  const search = useSearch()
  const [ticket, setTicket] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const title = t(ticket ? 'login.secondTitle' : 'login.codeTitle')
  const heading = usePage(title)
  const done = () => go(safeNext(search), { replace: true })
  return (
    <Front>
      <main id="main" className={classes.single} tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h1>
        {ticket ? (
          <SecondStep
            ticket={ticket}
            done={done}
            back={(why = null) => {
              setTicket(null)
              setError(why)
            }}
          />
        ) : (
          <Form done={done} second={setTicket} earlier={error} />
        )}
        <Link href={search ? `/log-in?${search}` : '/log-in'} className="tap sm">
          {t('common.toLogIn')}
        </Link>
      </main>
    </Front>
  )
}

interface FormProps {
  done: () => void
  second: (ticket: string) => void
  earlier: unknown
}

function Form({ done, second, earlier }: FormProps) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [form, setForm] = useState(() => ({ ...codeOf(location.hash), password: '' }))
  const [tried, setTried] = useState(false)
  useEffect(() => {
    // The code is good for one's account: it stays in no history and on no screen.
    if (location.hash) history.replaceState(null, '', location.pathname + location.search)
  }, [])
  useEffect(() => {
    const ticket = ticketOf(error)
    if (ticket) second(ticket)
  }, [error])
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!form.login.trim() || !form.code.trim() || !form.password) return
    const entered = await doing.run(async () => {
      await entrance.logInWithPaper(form.login, form.code, form.password)
      return true
    })
    if (entered) done()
  }
  const field = (name: 'login' | 'code' | 'password') => ({
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setForm((old) => ({ ...old, [name]: value }))
    },
    error: tried && !form[name].trim() && t('common.fillIn'),
  })
  const typed = { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false }
  const shown = error ?? earlier
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
      <p className="muted">{t('login.codeText')}</p>
      <TextInput label={t('login.login')} autoComplete="username" {...typed} {...field('login')} />
      <TextInput label={t('login.givenCode')} autoComplete="off" {...typed} {...field('code')} />
      <PasswordInput
        label={t('locks.newPassword')}
        description={t('locks.passwordHelp')}
        autoComplete="new-password"
        {...reveal(t)}
        {...field('password')}
      />
      {shown !== null && (
        <FieldError>
          {isRefusal(shown, 'wrong_credentials') ? t('login.codeWrong') : explain(shown)}
        </FieldError>
      )}
      <Button type="submit" fullWidth disabled={busy}>
        {t('login.codeSubmit')}
      </Button>
    </form>
  )
}
