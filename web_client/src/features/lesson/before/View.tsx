import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { explain } from '../../../base/errors'
import { lengthOf, timeOf } from '../../../base/format'
import { useModel, useValue } from '../../../base/react'
import { ticking } from '../../../base/clock'
import type { LessonView } from '../../../api/types'
import { useMe } from '../../../me'
import { useServices } from '../../../services'
import { CopyLink } from '../../../ui/CopyLink'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { lessonName } from '../../../ui/lessonName'
import { Mark } from '../../../ui/Mark'
import { usePage } from '../../../ui/page'
import { Thread } from '../../../ui/Thread'
import { ConnectionCheck } from '../../connection/model'
import { Preview } from '../../devices/Preview'
import type { LessonVisit, Stage } from '../model'
import classes from './View.module.css'

type BeforeStage = Extract<Stage, { name: 'before' }>

/** Choosing devices; then in, or waiting for the teacher. */
export function Before({ visit, stage }: { visit: LessonVisit; stage: BeforeStage }) {
  const { t } = useTranslation()
  const me = useMe()
  const lesson = useValue(visit.lesson)
  const name = lesson ? lessonName(lesson) : { first: '', second: '' }
  const heading = usePage(`${name.first} ${name.second}`.trim())
  if (!lesson) return null
  const listens = lesson.my_part === 'see'
  return (
    <div className={classes.paper}>
      <div className={classes.before}>
        <header className={classes.top}>
          <Mark />
          <Starts lesson={lesson} />
        </header>
        <main id="main" className={classes.main} tabIndex={-1}>
          <div className={classes.rolled}>
            <header className={classes.head}>
              <h1 ref={heading} tabIndex={-1}>
                {name.first} {name.second && <span className={classes.sub}>{name.second}</span>}
              </h1>
              <p className="muted">
                {[lesson.subject && lesson.title, times(lesson, me.zone)]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </header>
            {!listens && <Preview devices={visit.devices} name={me.name} />}
            <section className={classes.side} aria-label={t('before.about')}>
              <Facts lesson={lesson} />
              <Line />
              {stage.waiting && <WaitingForTeacher visit={visit} lesson={lesson} />}
            </section>
          </div>
          {!stage.waiting && <Go visit={visit} stage={stage} />}
        </main>
      </div>
    </div>
  )
}

/** In, or home: at a narrow page's lower edge, where it covers nothing. */
function Go({ visit, stage }: { visit: LessonVisit; stage: BeforeStage }) {
  const { t } = useTranslation()
  return (
    <section className={classes.way} aria-label={t('before.enter')}>
      {stage.error !== null && <FieldError>{explain(stage.error)}</FieldError>}
      <div className={classes.go}>
        <Button
          onClick={() => void visit.enter()}
          disabled={stage.busy}
          leftSection={<Icon name="video" />}
          data-enter
        >
          {t('before.enter')}
        </Button>
        <Button component={Link} href="/" variant="subtle">
          {t('common.home')}
        </Button>
      </div>
    </section>
  )
}

/** Tries the ways to the server on demand, and says honestly how lessons will go. */
function Line() {
  const { api, clock } = useServices()
  const check = useModel((scope) => new ConnectionCheck(scope, clock, api), [api, clock])
  return check ? <LineTest check={check} /> : null
}

function LineTest({ check }: { check: ConnectionCheck }) {
  const { t } = useTranslation()
  const { verdict, error } = useValue(check.state)
  const [running, setRunning] = useState(false)
  const run = async () => {
    setRunning(true)
    await check.run()
    setRunning(false)
  }
  return (
    <div className={classes.test} role="status" data-line={verdict ?? undefined}>
      {verdict && (
        <p className={`st ${{ good: 'ok', detour: 'attn', none: 'bad' }[verdict]}`}>
          {t(`connection.verdict.${verdict}`)}
        </p>
      )}
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <Button variant="subtle" size="sm" disabled={running} onClick={() => void run()}>
        {t(running ? 'before.testing' : 'before.testLine')}
      </Button>
    </div>
  )
}

function times(lesson: LessonView, zone: string): string {
  return `${timeOf(lesson.starts_at, zone)}–${timeOf(lesson.ends_at, zone)}`
}

function Facts({ lesson }: { lesson: LessonView }) {
  const { t } = useTranslation()
  const lead = lesson.my_part === 'lead'
  return (
    <>
      <dl className={classes.facts}>
        <div>
          <dt>{t('before.teacher')}</dt>
          <dd>{lesson.teacher.name}</dd>
        </div>
        {lesson.learners > 0 && (
          <div>
            <dt>{t('before.learners')}</dt>
            <dd className="num">{lesson.learners}</dd>
          </div>
        )}
      </dl>
      {lesson.state === 'open' && <p className="st ok">{t('today.open')}</p>}
      {lead && lesson.state === 'planned' && <p className="note">{t('before.youOpen')}</p>}
      {lesson.my_part === 'see' && <p className="note">{t('before.youListen')}</p>}
      {lead && (
        <p className={classes.link}>
          <CopyLink lessonId={lesson.id} />
        </p>
      )}
    </>
  )
}

function WaitingForTeacher({ visit, lesson }: { visit: LessonVisit; lesson: LessonView }) {
  const { t } = useTranslation()
  return (
    <div className={classes.waiting} role="status">
      <Thread state="whole">{t('before.waiting')}</Thread>
      <p className="muted">{t('before.waitingText', { name: lesson.teacher.name })}</p>
      <Button variant="default" onClick={() => visit.stopWaiting()}>
        {t('before.stopWaiting')}
      </Button>
    </div>
  )
}

function Starts({ lesson }: { lesson: LessonView }) {
  const { clock } = useServices()
  const now = useModel((scope) => ticking(scope, clock, 1_000), [clock])
  return now ? <Countdown lesson={lesson} now={now} /> : null
}

function Countdown(props: { lesson: LessonView; now: ReturnType<typeof ticking> }) {
  const { t } = useTranslation()
  const left = Date.parse(props.lesson.starts_at) - useValue(props.now)
  if (left <= 0) return null
  return (
    <b className={`num sm ${classes.end}`}>{t('today.startsIn', { length: lengthOf(left) })}</b>
  )
}
