import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { dayOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import { Loaded } from '../school/loaded'
import classes from './View.module.css'

type Link = { made: string | null; token?: string | null }
const IDLE = new Doing().state

/** The secret address under which one's own calendar program reads one's lessons. */
export function CalendarPart() {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded<Link>(scope, () => api.calendarLink()), [api])
  return (
    <section className={classes.part}>
      <h2>{t('calendar.title')}</h2>
      <p className="muted">{t('calendar.text')}</p>
      {loaded && <Body loaded={loaded} />}
    </section>
  )
}

function Body({ loaded }: { loaded: Loaded<Link> }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { api } = useServices()
  const read = useValue(loaded.state)
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const [token, setToken] = useState<string | null>(null)
  if (read.phase === 'loading') return null
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const { made } = read.value
  const change = async (ask: () => Promise<Link>) => {
    const link = await doing?.run(ask)
    if (!link) return
    setToken(link.token ?? null)
    await loaded.read()
  }
  return (
    <>
      {token && (
        <TextInput
          label={t('calendar.address')}
          description={t('calendar.once')}
          value={`${location.origin}/calendar/${token}.ics`}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
      {made && !token && <p>{t('calendar.made', { day: dayOf(made, zone) })}</p>}
      {state.error !== null && <Problem error={state.error} />}
      <div className={classes.row}>
        <Button variant="default" loading={state.busy} onClick={() => void change(api.makeCalendarLink)}>
          {t(made ? 'calendar.renew' : 'calendar.make')}
        </Button>
        {made && (
          <Button variant="subtle" disabled={state.busy} onClick={() => void change(api.endCalendarLink)}>
            {t('calendar.end')}
          </Button>
        )}
      </div>
    </>
  )
}
