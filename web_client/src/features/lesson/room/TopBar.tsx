import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { lengthOf, timeOf } from '../../../base/format'
import { useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { useMe } from '../../../me'
import { lessonName } from '../../../ui/lessonName'
import { MarkDrawing } from '../../../ui/Mark'
import { Thread } from '../../../ui/Thread'
import type { LessonVisit } from '../model'
import type { RoomModel } from './model'
import classes from './View.module.css'

interface Props {
  visit: LessonVisit
  model: RoomModel
  now: Value<number>
  heading: RefObject<HTMLHeadingElement | null>
}

/** Which lesson this is, how the connection stands, how much time is left. */
export function TopBar({ visit, model, now, heading }: Props) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const lesson = useValue(visit.lesson)
  const connection = useValue(model.room.connection)
  const moment = useValue(now)
  if (!lesson) return null
  const { first, second } = lessonName(lesson)
  const left = Date.parse(lesson.ends_at) - moment
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
      <span role="status" className={classes.line} data-state={connection}>
        <Thread state={connection}>{t(`room.connection.${connection}`)}</Thread>
      </span>
      {left > 0 && (
        <span className={`${classes.left} hide-p`}>
          <b className="num">{t('today.left', { length: lengthOf(left) })}</b>
        </span>
      )}
    </header>
  )
}
