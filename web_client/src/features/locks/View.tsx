import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Factors } from './Factors'
import { LinkedServices } from './LinkedServices'
import classes from './Locks.module.css'
import { Logins, Trusted } from './Logins'
import { Mail } from './Mail'
import { LocksModel } from './model'
import { MyData } from './MyData'
import { PasswordForm } from './PasswordForm'
import { Rule } from './Rule'

/** How I log in, where I am logged in, and which browsers know me. */
export default function LocksPage() {
  const { t } = useTranslation()
  const { api } = useServices()
  const heading = usePage(t('locks.title'))
  const model = useModel((scope) => new LocksModel(scope, api), [api])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <Link href="/settings" className="tap sm">
          <Icon name="chevron-left" size={16} />
          {t('nav.settings')}
        </Link>
        <h1 ref={heading} tabIndex={-1}>
          {t('locks.title')}
        </h1>
        <p className="muted">{t('locks.text')}</p>
      </header>
      {model && <Body model={model} />}
    </main>
  )
}

function Body({ model }: { model: LocksModel }) {
  const { t } = useTranslation()
  const me = useMe()
  const state = useValue(model.state)
  const changed = () => void model.load()
  if (state.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (state.phase === 'failed') return <Problem error={state.error} retry={changed} />
  const { mine } = state
  const cared = me.roles.find(({ role }) => role === 'administrator')?.organisation_id
  return (
    <>
      {state.error !== null && <Problem error={state.error} />}
      <Password login={mine.locks.login} changed={changed} />
      <Factors mine={mine} changed={changed} />
      <Mail mine={mine} changed={changed} />
      <LinkedServices mine={mine} changed={changed} />
      <Logins mine={mine} model={model} />
      <Trusted mine={mine} model={model} />
      <MyData />
      {me.may.includes('lock:manage') && cared && mine.locks.second_factor !== 'never' && (
        <Rule organisation={cared} rule={mine.locks.second_factor} changed={changed} />
      )}
    </>
  )
}

function Password({ login, changed }: { login: string; changed: () => void }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  const close = () => setOpened(false)
  const done = () => {
    close()
    notifications.show({ message: t('locks.passwordChanged') })
    changed()
  }
  return (
    <section className={classes.part} aria-labelledby="locks-password">
      <h2 id="locks-password">{t('login.password')}</h2>
      <div className={classes.rows}>
        <div className={classes.row}>
          <p className="muted sm">{t('locks.passwordText')}</p>
          <Button variant="default" size="sm" onClick={() => setOpened(true)}>
            {t('locks.changePassword')}
          </Button>
        </div>
      </div>
      <Dialog opened={opened} close={close} title={t('locks.changePassword')}>
        <PasswordForm
          login={login}
          oldLabel={t('locks.oldPassword')}
          done={done}
          cancel={close}
        />
      </Dialog>
    </section>
  )
}
