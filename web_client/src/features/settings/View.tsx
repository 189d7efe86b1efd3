import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { forgetUnsaved } from '../../base/unsaved'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { RemindersPart } from '../reminders/Settings'
import { CalendarPart } from './Calendar'
import { ConsentsPart } from './Consents'
import { SettingsPanel } from './Panel'
import classes from './View.module.css'

export default function Settings() {
  const { t } = useTranslation()
  const me = useMe()
  const heading = usePage(t('nav.settings'))
  return (
    <main id="main" className={classes.settings} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.settings')}
        </h1>
        <p className="muted sm">
          {me.name} · {me.login}
        </p>
      </header>
      <SettingsPanel />
      <section className={classes.part}>
        <h2>{t('locks.title')}</h2>
        <Link href="/settings/locks" className="tap">
          <Icon name="key-round" />
          {t('locks.summary')}
        </Link>
      </section>
      <section className={classes.part}>
        <h2>{t('settings.devices')}</h2>
        <Link href="/devices" className="tap">
          <Icon name="camera" />
          {t('today.checkDevices')}
        </Link>
        <Link href="/connection" className="tap">
          <Icon name="link" />
          {t('connection.title')}
        </Link>
      </section>
      <ConsentsPart />
      <RemindersPart />
      <CalendarPart />
      <Leaving />
    </main>
  )
}

function Leaving() {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const [, go] = useLocation()
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const logOut = async (everywhere: boolean) => {
    try {
      await entrance.logOut(everywhere)
      forgetUnsaved(localStorage)
      go('/log-in')
    } catch (refusal) {
      setAsking(false)
      setError(refusal)
    }
  }
  return (
    <section className={classes.part}>
      <h2>{t('settings.leaving')}</h2>
      {error !== null && <Problem error={error} />}
      <div className={classes.row}>
        <Button
          variant="default"
          leftSection={<Icon name="log-out" size={18} />}
          onClick={() => void logOut(false)}
        >
          {t('settings.logOut')}
        </Button>
        <Button variant="subtle" onClick={() => setAsking(true)}>
          {t('settings.logOutEverywhere')}
        </Button>
      </div>
      <Dialog opened={asking} close={() => setAsking(false)} title={t('settings.logOutEverywhere')}>
        <p>{t('settings.logOutEverywhereText')}</p>
        <div className={classes.row}>
          <Button onClick={() => void logOut(true)}>{t('settings.logOutEverywhere')}</Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </Dialog>
    </section>
  )
}
