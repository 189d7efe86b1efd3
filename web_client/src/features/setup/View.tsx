import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import type { OrganisationKind } from '../../api/types'
import { explain } from '../../base/errors'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Front } from '../../ui/Front'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { type Field, invitationOf, SetUpModel } from './model'
import classes from './View.module.css'

const KINDS: readonly OrganisationKind[] = ['school', 'college', 'university']

export default function SetUp() {
  const { t } = useTranslation()
  const heading = usePage(t('setup.title'))
  const [invitation] = useState(() => invitationOf(location.hash))
  return (
    <Front>
      <main id="main" className={classes.main} tabIndex={-1}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {t('setup.title')}
          </h1>
          <p className="muted">{t('setup.text')}</p>
        </header>
        {invitation ? (
          <Form invitation={invitation} />
        ) : (
          <div className="note attn">
            <Icon name="key-round" />
            <div>
              <p>{t('setup.noInvitation')}</p>
              <Link href="/" className="tap">
                {t('common.home')}
              </Link>
            </div>
          </div>
        )}
      </main>
    </Front>
  )
}

function Form({ invitation }: { invitation: string }) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const [, go] = useLocation()
  const [model] = useState(() => new SetUpModel(entrance, invitation))
  const { form, missing, busy, error } = useValue(model.state)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (await model.send()) go('/')
  }
  const field = (name: Field) => ({
    label: t(`setup.${name}`),
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      model.type(name, event.currentTarget.value),
    onBlur: () => model.leave(name),
    error: missing.includes(name) && t('common.fillIn'),
  })
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
      <fieldset>
        <legend className="sb-label">{t('setup.kind')}</legend>
        <div className={classes.kinds}>
          {KINDS.map((kind) => (
            <label key={kind} className={classes.kind}>
              <input
                type="radio"
                name="kind"
                checked={form.kind === kind}
                onChange={() => model.choose(kind)}
              />
              <span>{t(`setup.kinds.${kind}`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset className={classes.part}>
        <legend>{t('setup.names')}</legend>
        <TextInput {...field('kk')} lang="kk" placeholder={t('setup.kkExample')} />
        <TextInput {...field('ru')} lang="ru" placeholder={t('setup.ruExample')} />
        <TextInput {...field('en')} lang="en" description={t('setup.enHelp')} />
      </fieldset>
      <fieldset className={classes.part}>
        <legend>{t('setup.admin')}</legend>
        <div className={classes.pair}>
          <TextInput {...field('family')} autoComplete="family-name" />
          <TextInput {...field('given')} autoComplete="given-name" />
        </div>
        <TextInput
          {...field('login')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <PasswordInput
          {...field('password')}
          autoComplete="new-password"
          description={t('setup.passwordHelp')}
          visibilityToggleIcon={({ reveal }) => <Icon name={reveal ? 'eye-off' : 'eye'} />}
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword'), tabIndex: 0 }}
        />
      </fieldset>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <Button type="submit" disabled={busy} className={classes.send}>
        {t('setup.submit')}
      </Button>
    </form>
  )
}
