import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { LessonView } from '../../api/types'
import { lengthOf, timeOf } from '../../base/format'
import { useMe } from '../../me'
import { CopyLink } from '../../ui/CopyLink'
import { Icon } from '../../ui/Icon'
import { lessonName } from '../../ui/lessonName'
import { isOn } from './timeline'
import classes from './View.module.css'

interface Row {
  lesson: LessonView
  now: number
}

/** One lesson on the line of the day. */
export function LessonRow({ lesson, now, past }: Row & { past?: boolean }) {
  const { t } = useTranslation()
  const on = isOn(lesson, now)
  const look = [classes.lesson, past && classes.past]
  return (
    <li className={look.filter(Boolean).join(' ')} data-lesson={lesson.id}>
      <When lesson={lesson} />
      <div>
        <Heading lesson={lesson} />
        <p className={classes.second}>
          {lesson.state === 'cancelled' && <span className="st">{t('today.cancelled')}</span>}
          {lesson.state === 'ended' && <span className="st ok">{t('today.ended')}</span>}
          {on && lesson.state === 'open' && <span className="st ok">{t('today.on')}</span>}
          <span className="sm muted">{lesson.subject ? lesson.title : null}</span>
        </p>
      </div>
      <div className={classes.act}>
        {!past && on && lesson.may_join && (
          <Button component={Link} href={`/lessons/${lesson.id}`} variant="default" size="sm">
            {t(lesson.my_part === 'see' ? 'today.listen' : 'today.enter')}
          </Button>
        )}
        {lesson.state === 'ended' && lesson.my_part === 'lead' && (
          <Button component={Link} href={`/lessons/${lesson.id}/report`} variant="subtle" size="sm">
            {t('report.open')}
          </Button>
        )}
      </div>
    </li>
  )
}

/** The lesson that matters now, large, with its way in. */
export function NextLesson({ lesson, now }: Row) {
  const { t } = useTranslation()
  return (
    <li className={`${classes.lesson} ${classes.next}`} data-lesson={lesson.id}>
      <When lesson={lesson} />
      <div className={classes.card}>
        <Heading lesson={lesson} />
        {lesson.subject && <p>{lesson.title}</p>}
        <div className={classes.actions}>
          <Button
            component={Link}
            href={`/lessons/${lesson.id}`}
            leftSection={<Icon name="video" />}
            className={classes.enter}
          >
            {t('today.enter')}
          </Button>
          <span className="sm">
            <Moment lesson={lesson} now={now} />
          </span>
          {lesson.learners > 0 && (
            <span className="sm muted">{t('today.learners', { count: lesson.learners })}</span>
          )}
          {lesson.my_part === 'lead' && <CopyLink lessonId={lesson.id} className={classes.copy} />}
        </div>
        <Hint lesson={lesson} now={now} />
      </div>
    </li>
  )
}

function When({ lesson }: { lesson: LessonView }) {
  const { zone } = useMe()
  return (
    <div className={`${classes.when} num`}>
      <b>{timeOf(lesson.starts_at, zone)}</b>
      <span>{timeOf(lesson.ends_at, zone)}</span>
    </div>
  )
}

function Heading({ lesson }: { lesson: LessonView }) {
  const { first, second } = lessonName(lesson)
  return (
    <div className={classes.heading}>
      <h2>
        {first}
        {second && <span className={classes.sub}>{second}</span>}
      </h2>
      {lesson.my_part !== 'lead' && <span className="muted sm">{lesson.teacher.name}</span>}
    </div>
  )
}

function Moment({ lesson, now }: Row) {
  const { t } = useTranslation()
  const starts = Date.parse(lesson.starts_at)
  const ends = Date.parse(lesson.ends_at)
  if (now < starts && lesson.state !== 'open') {
    return <b className="num">{t('today.startsIn', { length: lengthOf(starts - now) })}</b>
  }
  if (lesson.state === 'open' && now < ends) {
    return <b className="num">{t('today.left', { length: lengthOf(ends - now) })}</b>
  }
  if (lesson.state === 'open') return <b>{t('today.on')}</b>
  return <b>{t('today.due')}</b>
}

/** Who has to do what before the lesson runs. */
function Hint({ lesson, now }: Row) {
  const { t } = useTranslation()
  if (lesson.state === 'open') return <p className="st ok">{t('today.open')}</p>
  if (!isOn(lesson, now)) return null
  const key = lesson.my_part === 'lead' ? 'today.youOpen' : 'today.teacherNotHere'
  return <p className="st">{t(key)}</p>
}
