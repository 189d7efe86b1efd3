import { ActionIcon, Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { follow } from '../../api/events'
import type { CourseView, GroupLine, OnRoll, PlannedLesson } from '../../api/types'
import { dayOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { readPages, nameOf } from '../people/model'
import { useList, useSchool } from '../school/context'
import { mondayOf, plusDays } from '../school/days'
import { Empty, Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { LessonDialog } from './LessonDialog'
import { Plan } from './Plan'
import own from './View.module.css'
import { Week } from './Week'

/** All teachers of a large school. */
const PAGES = 10

/** The week of a class or a teacher. */
export default function Timetable() {
  const { t } = useTranslation()
  const { api, organisation, today, year, keepsPlan } = useSchool()
  const [first, setFirst] = useState(mondayOf(today))
  const [who, setWho] = useState('')
  const [asks, setAsks] = useState<PlannedLesson | 'plan' | null>(null)
  const known = useList(
    async () => {
      const [groups, teachers, courses] = await Promise.all([
        api.groups(today, year),
        readPages(api, { role: 'teacher' }, PAGES),
        api.courses({ year }),
      ])
      return { groups: groups.items, teachers: teachers.items, courses }
    },
    [organisation.id, year],
    ['groups', 'people', 'courses'],
  )
  const chosen = who || (known.phase === 'ready' ? (known.value.groups[0]?.group.id ?? '') : '')
  const plan = keepsPlan && known.phase === 'ready' && known.value.courses.items.length > 0
  return (
    <Frame
      title={t('school.timetable')}
      action={
        plan && (
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setAsks('plan')}>
            {t('timetable.add')}
          </Button>
        )
      }
    >
      <Shown list={known}>
        {({ groups, teachers, courses }) =>
          courses.items.length === 0 ? (
            <First />
          ) : (
            <>
              <Choice
                {...{ groups, teachers, first, setFirst }}
                who={chosen}
                choose={setWho}
              />
              <WeekOf
                key={`${chosen} ${first}`}
                who={chosen}
                first={first}
                open={(lesson) => setAsks(lesson)}
                asks={asks}
                courses={courses.items}
                names={courses.names}
                teachers={teachers}
                close={() => setAsks(null)}
              />
            </>
          )
        }
      </Shown>
    </Frame>
  )
}

function First() {
  const { t } = useTranslation()
  const { to } = useSchool()
  return (
    <Empty title={t('timetable.first')} text={t('timetable.firstText')}>
      <Button component={Link} href={to('courses')} variant="default">
        {t('school.courses')}
      </Button>
    </Empty>
  )
}

interface ChoiceProps {
  groups: readonly GroupLine[]
  teachers: readonly OnRoll[]
  who: string
  choose: (id: string) => void
  first: string
  setFirst: (day: string) => void
}

function Choice({ groups, teachers, who, choose, first, setFirst }: ChoiceProps) {
  const { t } = useTranslation()
  const { today } = useSchool()
  const name = `${dayOf(`${first}T00:00Z`, 'UTC')} – ${dayOf(`${plusDays(first, 6)}T00:00Z`, 'UTC')}`
  return (
    <div className={classes.filters}>
      <NativeSelect
        label={t('timetable.whose')}
        value={who}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          {
            group: t('school.classes'),
            items: groups.map(({ group }) => ({ value: group.id, label: group.name })),
          },
          {
            group: t('role.teacher'),
            items: teachers.map((one) => ({ value: one.id, label: nameOf(one) })),
          },
        ]}
      />
      <div className={`${own.weeks} ${classes.fixed}`} role="group" aria-label={t('timetable.week')}>
        <ActionIcon
          aria-label={t('timetable.weekBefore')}
          onClick={() => setFirst(plusDays(first, -7))}
        >
          <Icon name="chevron-left" />
        </ActionIcon>
        <b className="num" role="status">
          {name}
        </b>
        <ActionIcon
          aria-label={t('timetable.weekAfter')}
          onClick={() => setFirst(plusDays(first, 7))}
        >
          <Icon name="chevron-right" />
        </ActionIcon>
        {first !== mondayOf(today) && (
          <Button size="sm" variant="subtle" onClick={() => setFirst(mondayOf(today))}>
            {t('timetable.thisWeek')}
          </Button>
        )}
      </div>
    </div>
  )
}

interface WeekProps {
  who: string
  first: string
  open: (lesson: PlannedLesson) => void
  asks: PlannedLesson | 'plan' | null
  courses: readonly CourseView[]
  names: Readonly<Record<string, string>>
  teachers: readonly OnRoll[]
  close: () => void
}

function WeekOf({ who, first, open, asks, courses, names, teachers, close }: WeekProps) {
  const { t } = useTranslation()
  const { api, keepsPlan } = useSchool()
  const isGroup = who.startsWith('group_')
  const changed = useChanged(first)
  const week = useList(
    () => api.week({ first, ...(isGroup ? { group_id: who } : { teacher_id: who }) }),
    [changed],
    ['groups', 'courses'],
    true,
  )
  const way = { close, done: () => void week.read() }
  const fitting = courses.filter(
    ({ ended, groups, teachers }) =>
      !ended && (isGroup ? groups.some(({ id }) => id === who) : teachers.includes(who)),
  )
  return (
    <>
      <Shown list={week}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('timetable.empty')} text={t('timetable.emptyText')} />
          ) : (
            <Week first={first} lessons={items} open={keepsPlan ? open : null} />
          )
        }
      </Shown>
      {asks === 'plan' && <Plan {...way} courses={fitting} names={names} first={first} />}
      {asks !== null && asks !== 'plan' && (
        <LessonDialog {...way} key={asks.id} lesson={asks} teachers={teachers} />
      )}
    </>
  )
}

/** Grows each time when lessons of these seven days changed, whoever changed them. */
function useChanged(first: string): number {
  const { link } = useServices()
  const { api, organisation } = useSchool()
  const model = useModel(
    (scope) => {
      link.use(scope)
      return follow<number>(scope, link, {
        snapshot: async () => {
          const { position } = await api.week({ first })
          return { topic: `lessons:${organisation.id}`, position, state: 0 }
        },
        reduce: (times, fact) => {
          if (fact.name !== 'lessons.timetable_changed') return times + 1
          const last = plusDays(first, 6)
          return fact.body.first <= last && first <= fact.body.last ? times + 1 : times
        },
      }).value
    },
    [organisation.id, first],
  )
  const synced = useValue(model ?? UNKNOWN)
  return synced.phase === 'ready' ? synced.state : 0
}

const UNKNOWN = { get: () => WAITING, watch: () => () => undefined }
const WAITING = { phase: 'loading' } as const
