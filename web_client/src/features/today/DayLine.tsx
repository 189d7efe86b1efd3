import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LessonView } from '../../api/types'
import { timeOf } from '../../base/format'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { LessonRow, NextLesson } from './LessonRow'
import { timelineOf } from './timeline'
import classes from './View.module.css'

/** The day as a line with a "now" on it; the lesson to enter next is the only large card. */
export function DayLine({ lessons, now }: { lessons: readonly LessonView[]; now: number }) {
  const { t } = useTranslation()
  const me = useMe()
  const [unfolded, setUnfolded] = useState(false)
  const narrow = useMediaQuery('(max-width: 47.5em)', false, { getInitialValueInEffect: false })
  const pastShown = !narrow || unfolded
  const { past, ahead, next } = timelineOf(lessons, now)
  if (lessons.length === 0) {
    return (
      <div className={classes.empty}>
        <h2>{t('today.empty')}</h2>
        <p className="muted">{t('today.emptyText')}</p>
      </div>
    )
  }
  return (
    <ol className={classes.day}>
      {narrow && past.length > 0 && (
        <li className={classes.pastSum}>
          <button type="button" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
            <Icon name="chevron-down" size={16} />
            {t('today.past', { count: past.length })}
          </button>
        </li>
      )}
      {pastShown &&
        past.map((lesson) => <LessonRow key={lesson.id} lesson={lesson} now={now} past />)}
      <li className={classes.now}>
        <b className="num">{timeOf(now, me.zone)}</b>
        <span className={classes.nowWord}>{t('today.now')}</span>
      </li>
      {ahead.map((lesson) =>
        lesson.id === next ? (
          <NextLesson key={lesson.id} lesson={lesson} now={now} />
        ) : (
          <LessonRow key={lesson.id} lesson={lesson} now={now} />
        ),
      )}
      {ahead.length === 0 && (
        <li className={classes.done}>
          <span className="muted">{t('today.done')}</span>
        </li>
      )}
    </ol>
  )
}
