import { lazy, type RefObject, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { lengthOf, stopwatch, timeOf } from '../../../base/format'
import { allWords } from '../../../base/i18n'
import { usePart, useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { useMe } from '../../../me'
import type { Room } from '../../../media/room'
import { Icon } from '../../../ui/Icon'
import { useLater } from '../../../ui/later'
import { lessonName } from '../../../ui/lessonName'
import { MarkDrawing } from '../../../ui/Mark'
import { Thread } from '../../../ui/Thread'
import type { LessonVisit } from '../model'
import type { RoomModel } from './model'
import classes from './View.module.css'

const ownLine = () => import('./OwnLine')
const OwnLine = lazy(async () => (await Promise.all([ownLine(), allWords()]))[0])

interface Props {
  visit: LessonVisit
  model: RoomModel
  now: Value<number>
  heading: RefObject<HTMLHeadingElement | null>
}

/** Which lesson this is, whether it is recorded, how the connection stands, how much time is left. */
export function TopBar({ visit, model, now, heading }: Props) {
  const { zone } = useMe()
  const lesson = useValue(visit.lesson)
  if (!lesson) return null
  const { first, second } = lessonName(lesson)
  const times = `${timeOf(lesson.starts_at, zone)}–${timeOf(lesson.ends_at, zone)}`
  return (
    <header className={classes.top}>
      <span className={`mark ${classes.mark}`} aria-hidden="true">
        <MarkDrawing />
      </span>
      <div className="grow">
        <h1 ref={heading} tabIndex={-1} className="cut">
          {[first, second].filter(Boolean).join(' · ')}
        </h1>
        <p className="xs muted cut">
          {[lesson.subject && lesson.title, times].filter(Boolean).join(' · ')}
        </p>
      </div>
      <Moments model={model} now={now} />
      <Line room={model.room} />
      <Left now={now} ends={Date.parse(lesson.ends_at)} />
    </header>
  )
}

/** The word of the connection is told when it changes, and shows more when it is pressed. */
function Line({ room }: { room: Room }) {
  const { t } = useTranslation()
  const connection = useValue(room.connection)
  const [opened, setOpened] = useState(false)
  const [wanted, want] = useState(false)
  if (opened && !wanted) want(true)
  useLater(ownLine)
  const word = t(`room.connection.${connection}`)
  return (
    <>
      <span className="vh" role="status">
        {word}
      </span>
      <button
        type="button"
        className={classes.line}
        data-state={connection}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        <Thread state={connection}>{word}</Thread>
      </button>
      {wanted && (
        <Suspense fallback={null}>
          <OwnLine room={room} opened={opened} close={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  )
}

function Left({ now, ends }: { now: Value<number>; ends: number }) {
  const { t } = useTranslation()
  const left = ends - useValue(now)
  if (left <= 0) return null
  return (
    <span className={`${classes.left} hide-p`}>
      <b className="num">{t('today.left', { length: lengthOf(left) })}</b>
    </span>
  )
}

/** What runs by the clock: the recording, the timer, the time of the groups. */
function Moments({ model, now }: Pick<Props, 'model' | 'now'>) {
  const { t } = useTranslation()
  const leading = usePart(model.room.state, (room) => room.leading)
  const moment = model.room.serverTime(useValue(now))
  const { recording, timer, breakouts } = leading
  const left = (ends: number) => stopwatch(Math.max(0, ends * 1000 - moment))
  return (
    <>
      {recording && (
        <span className={classes.rec} data-recording>
          <i aria-hidden="true" />
          <span>{t('room.recording.light')}</span>
          <span className="num hide-p">{stopwatch(moment - recording.since * 1000)}</span>
        </span>
      )}
      {timer && (
        <span
          className={classes.timer}
          role="timer"
          data-timer
          data-over={timer.ends_at * 1000 <= moment || undefined}
        >
          <Icon name="timer" size={16} />
          {timer.title && <span className="cut hide-p">{timer.title}</span>}
          <b className="num">{left(timer.ends_at)}</b>
        </span>
      )}
      {breakouts?.closes_at && (
        <span className={classes.timer} role="timer" data-closes>
          <Icon name="users" size={16} />
          <span className="vh">{t('room.breakouts.left')}</span>
          <b className="num">{left(breakouts.closes_at)}</b>
        </span>
      )}
    </>
  )
}
