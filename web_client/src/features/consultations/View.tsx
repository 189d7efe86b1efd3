import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ConsultationView } from '../../api/types'
import { dayOf, timeOf, weekdayOf } from '../../base/format'
import { Doing } from '../../base/doing'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { byDay, wayOf } from './model'
import { Open } from './Open'
import classes from './View.module.css'

type List = { items: ConsultationView[] }

/** Hours that teachers keep free, to be booked by those they teach. */
export default function Consultations() {
  const { t } = useTranslation()
  const { api } = useServices()
  const me = useMe()
  const heading = usePage(t('consultations.title'))
  const [opening, setOpening] = useState(false)
  const loaded = useModel((scope) => new Loaded<List>(scope, () => api.consultations()), [api])
  const teaches = me.roles.some(({ role }) => role === 'teacher' || role === 'tutor')
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('consultations.title')}
        </h1>
        <p className="muted">{t(teaches ? 'consultations.textTeacher' : 'consultations.text')}</p>
      </header>
      {teaches && (
        <div>
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setOpening(true)}>
            {t('consultations.open')}
          </Button>
        </div>
      )}
      {loaded && <Body loaded={loaded} />}
      {opening && <Open close={() => setOpening(false)} done={() => void loaded?.read()} />}
    </main>
  )
}

function Body({ loaded }: { loaded: Loaded<List> }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { clock } = useServices()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  if (read.value.items.length === 0) return <p className="muted">{t('consultations.none')}</p>
  const now = clock.now()
  return (
    <>
      {byDay(read.value.items, zone).map(({ date, items }) => (
        <section key={date} aria-label={dayOf(items[0]!.starts_at, zone)}>
          <h2 className={classes.day}>
            {weekdayOf(items[0]!.starts_at, zone)}, {dayOf(items[0]!.starts_at, zone)}
          </h2>
          <ul className={classes.lines}>
            {items.map((one) => (
              <Slot key={one.lesson_id} one={one} now={now} changed={() => void loaded.read()} />
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function Slot({ one, now, changed }: { one: ConsultationView; now: number; changed: () => void }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { api } = useServices()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const way = wayOf(one, now)
  const what = [one.subject && named(one.subject), one.title].filter(Boolean).join(' · ')
  const act = (ask: (id: string) => Promise<unknown>) =>
    void doing?.run(() => ask(one.lesson_id)).then(changed)
  return (
    <li className={classes.line} data-consultation={one.lesson_id} data-mine={one.mine}>
      <span className={`num ${classes.when}`}>
        {timeOf(one.starts_at, zone)}–{timeOf(one.ends_at, zone)}
      </span>
      <div className={classes.what}>
        <b>{one.mine === 'leads' ? what || t('consultations.one') : one.teacher}</b>
        {one.mine !== 'leads' && what && <span>{what}</span>}
        <span className="muted sm">
          {one.state === 'cancelled' && t('consultations.calledOff')}
          {one.state === 'ended' && t('consultations.over')}
          {one.state !== 'cancelled' &&
            one.state !== 'ended' &&
            t('consultations.places', { booked: one.booked, places: one.places })}
        </span>
        {one.booked_by.length > 0 && <span>{one.booked_by.map(({ name }) => name).join(', ')}</span>}
        {one.mine === 'booked' && way !== null && <span className="st ok">{t('consultations.booked')}</span>}
        {state.error !== null && <Problem error={state.error} />}
      </div>
      <div className={classes.act}>
        {way === 'book' && (
          <Button size="sm" loading={state.busy} onClick={() => act(api.bookConsultation)}>
            {t('consultations.book')}
          </Button>
        )}
        {way === 'giveBack' && (
          <Button size="sm" variant="default" loading={state.busy} onClick={() => act(api.giveConsultationBack)}>
            {t('consultations.giveBack')}
          </Button>
        )}
        {way === 'callOff' && (
          <Button size="sm" variant="default" loading={state.busy} onClick={() => act(api.callConsultationOff)}>
            {t('consultations.callOff')}
          </Button>
        )}
        {way === 'enter' && (
          <Button size="sm" component={Link} href={`/lessons/${one.lesson_id}`}>
            {t('today.enter')}
          </Button>
        )}
        {way === 'full' && <span className="muted sm">{t('consultations.full')}</span>}
      </div>
    </li>
  )
}

const IDLE = new Doing().state
