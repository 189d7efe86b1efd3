import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearch } from 'wouter'
import type { SetupState } from '../../api/types'
import { explain, isRefusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Door, Doors } from '../../ui/Doors'
import { FieldError } from '../../ui/FieldError'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import { reveal } from '../../ui/reveal'
import { LogInModel, wrongAlphabet } from './model'
import { OtherWays, useWays } from './OtherWays'
import { SecondStep } from './SecondStep'
import classes from './View.module.css'

export function LogIn({ setup }: { setup: SetupState }) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const [model] = useState(() => new LogInModel(entrance))
  const ways = useWays()
  const { ticket, error } = useValue(model.form)
  const title = t(ticket ? 'login.secondTitle' : 'login.title')
  const heading = usePage(title)
  return (
    <Front organisation={setup.organisation} version={setup.version}>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </h1>
          {ticket ? (
            <SecondStep ticket={ticket} back={(why) => model.again(why)} />
          ) : (
            <Form model={model} />
          )}
          <OtherWays
            ways={ticket ? { ...ways, oidc: [] } : ways}
            passkey={() => void model.byPasskey()}
          />
          {ticket && error !== null && <FieldError>{explain(error)}</FieldError>}
          {!ticket && <Helps mail={ways.mail} />}
        </div>
        {!ticket && (
          <Doors title={t('login.doors')}>
            {setup.demo_offered && (
              <Door
                href="/demo"
                icon="door-open"
                name={t('welcome.demo')}
                text={t('login.demoText')}
              />
            )}
            <Door
              href="/devices"
              icon="camera"
              name={t('devices.title')}
              text={t('login.devicesText')}
            />
          </Doors>
        )}
      </main>
    </Front>
  )
}

function Form({ model }: { model: LogInModel }) {
  const { t } = useTranslation()
  const form = useValue(model.form)
  const send = (event: FormEvent) => {
    event.preventDefault()
    void model.send()
  }
  const wrong = isRefusal(form.error, 'wrong_credentials')
  const sentence = wrongAlphabet(form) ? t('login.wrongAlphabet') : explain(form.error)
  return (
    <form className={classes.form} onSubmit={send} noValidate>
      <TextInput
        label={t('login.login')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={form.login}
        onChange={(event) => model.type('login', event.currentTarget.value)}
        error={form.missing.includes('login') && t('login.loginMissing')}
      />
      <PasswordInput
        label={t('login.password')}
        name="password"
        autoComplete="current-password"
        value={form.password}
        onChange={(event) => model.type('password', event.currentTarget.value)}
        {...reveal(t)}
        error={form.missing.includes('password') ? t('login.passwordMissing') : wrong}
      />
      {form.error !== null && <FieldError>{sentence}</FieldError>}
      <Button type="submit" fullWidth disabled={form.busy}>
        {t('login.submit')}
      </Button>
    </form>
  )
}

function Helps({ mail }: { mail: boolean }) {
  const { t } = useTranslation()
  const search = useSearch()
  const kept = search ? `?${search}` : ''
  return (
    <div className={classes.helps}>
      <Link href={`/log-in/code${kept}`} className="tap sm">
        {t('login.haveCode')}
      </Link>
      {mail ? (
        <Link href={`/log-in/forgotten${kept}`} className="tap sm">
          {t('login.forgot')}
        </Link>
      ) : (
        <p className="sm muted">{t('login.forgotten')}</p>
      )}
    </div>
  )
}
