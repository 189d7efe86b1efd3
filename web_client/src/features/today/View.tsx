import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Me } from '../../api/types'
import { dayOf, initialsOf, weekdayOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { DayLine } from './DayLine'
import { TodayModel } from './model'
import { StartLesson } from './StartLesson'
import classes from './View.module.css'

const OpenExams = lazy(() => import('../exam/Open'))

export function Today() {
  const { t } = useTranslation()
  const me = useMe()
  const { api, link, clock, entrance } = useServices()
  const model = useModel(
    (scope) => new TodayModel(scope, api, link, clock, me, () => void entrance.stayOut()),
    [me.id],
  )
  const title = t('today.title', { day: dayOf(clock.now(), me.zone) })
  const heading = usePage(t('nav.today'))
  return (
    <main id="main" className={classes.today} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className="muted sm">
            {[weekdayOf(clock.now(), me.zone), organisationOf(me)].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Who me={me} />
      </header>
      {model && <Body model={model} />}
    </main>
  )
}

function Body({ model }: { model: TodayModel }) {
  const { t } = useTranslation()
  const me = useMe()
  const lessons = useValue(model.lessons)
  const now = useValue(model.now)
  return (
    <div className={classes.grid}>
      <section aria-label={t('today.schedule')}>
        {lessons.phase === 'loading' && <Waiting>{t('today.loading')}</Waiting>}
        {lessons.phase === 'failed' && (
          <Problem error={lessons.error} retry={() => model.reload()} />
        )}
        {lessons.phase === 'ready' && <DayLine lessons={lessons.state.items} now={now} />}
      </section>
      {/* After the day, so that on a phone it is not pushed away under a finger. */}
      {lessons.phase !== 'loading' && (
        <aside className={classes.aside} aria-label={t('today.beside')}>
          {me.may.includes('exam:sit') && (
            <Suspense fallback={null}>
              <OpenExams />
            </Suspense>
          )}
          {me.may.includes('lesson:create') && <StartLesson model={model} />}
          <Link href="/devices" className={`sm ${classes.check}`}>
            <Icon name="camera" />
            {t('today.checkDevices')}
          </Link>
        </aside>
      )}
    </div>
  )
}

function Who({ me }: { me: Me }) {
  const { t } = useTranslation()
  const role = me.roles[0]?.role
  return (
    <div className={classes.me}>
      <span className="av" aria-hidden="true">
        {initialsOf(me.name)}
      </span>
      <span className="sm hide-p">
        {me.name}
        <br />
        <span className="faint xs">{role && t([`role.one.${role}`, 'role.one.other'])}</span>
      </span>
    </div>
  )
}

function organisationOf(me: Me): string {
  return named(me.roles.find((role) => role.organisation)?.organisation)
}
