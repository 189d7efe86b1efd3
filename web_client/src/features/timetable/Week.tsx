import { useMediaQuery } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import type { PlannedLesson } from '../../api/types'
import { dayOf, weekdayOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useSchool } from '../school/context'
import { type Day, daysOf, hoursOf } from './model'
import own from './View.module.css'

interface Props {
  first: string
  lessons: readonly PlannedLesson[]
  /** Without it nothing can be changed. */
  open: ((lesson: PlannedLesson) => void) | null
}

/** A table of hours and days at a desk, the days one below the other on a phone. */
export function Week({ first, lessons, open }: Props) {
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  const days = daysOf(first, lessons)
  return narrow ? (
    <DayList days={days} open={open} />
  ) : (
    <Table days={days} hours={hoursOf(lessons)} open={open} />
  )
}

const at = (day: string) => `${day}T00:00Z`

function Table({ days, hours, open }: { days: Day[]; hours: string[]; open: Props['open'] }) {
  const { t } = useTranslation()
  const { today } = useSchool()
  return (
    <div className={own.scroll}>
      <table className={own.week}>
        <caption className="vh">{t('school.timetable')}</caption>
        <thead>
          <tr>
            <td />
            {days.map(({ day }) => (
              <th key={day} scope="col" className={day === today ? own.today : ''}>
                {weekdayOf(at(day), 'UTC')}
                <span className="muted xs">{dayOf(at(day), 'UTC')}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour}>
              <th scope="row" className="num">
                {hour}
              </th>
              {days.map(({ day, lessons }) => (
                <td key={day}>
                  {lessons
                    .filter(({ begins }) => begins === hour)
                    .map((lesson) => (
                      <Lesson key={lesson.id} lesson={lesson} open={open} />
                    ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function DayList({ days, open }: { days: Day[]; open: Props['open'] }) {
  return (
    <div className={own.days}>
      {days
        .filter(({ lessons }) => lessons.length > 0)
        .map(({ day, lessons }) => (
          <section key={day} aria-label={weekdayOf(at(day), 'UTC')}>
            <h2>
              {weekdayOf(at(day), 'UTC')}
              <span className="muted sm">{dayOf(at(day), 'UTC')}</span>
            </h2>
            <ul>
              {lessons.map((lesson) => (
                <li key={lesson.id}>
                  <b className="num">{lesson.begins}</b>
                  <Lesson lesson={lesson} open={open} />
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  )
}

function Lesson({ lesson, open }: { lesson: PlannedLesson; open: Props['open'] }) {
  const { t } = useTranslation()
  const inside = (
    <>
      <b>{named(lesson.subject)}</b>
      <span className="muted xs">
        {lesson.groups.join(', ')} · {lesson.teacher}
      </span>
      {lesson.title && <span className="xs">{lesson.title}</span>}
      {lesson.state === 'cancelled' && <span className="st">{t('today.cancelled')}</span>}
      {lesson.state === 'ended' && <span className="st ok">{t('today.ended')}</span>}
    </>
  )
  const look = `${own.lesson} ${lesson.state === 'cancelled' ? own.cancelled : ''}`
  if (!open || !['planned', 'cancelled'].includes(lesson.state)) {
    return (
      <div className={look} data-planned={lesson.begins}>
        {inside}
      </div>
    )
  }
  return (
    <button type="button" className={look} data-planned={lesson.begins} onClick={() => open(lesson)}>
      {inside}
    </button>
  )
}
