import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { CourseView, GroupLine } from '../../api/types'
import { named } from '../../base/i18n'
import { Icon } from '../../ui/Icon'
import { useList, useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import { Empty, Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { CourseDialog } from './CourseDialog'

/** What is taught this year: a subject, to which classes, by whom. */
export default function Courses() {
  const { t } = useTranslation()
  const { api, organisation, today, year, keepsPlan } = useSchool()
  const [group, setGroup] = useState('')
  const [asks, setAsks] = useState<{ what: 'edit' | 'end'; course?: CourseView } | null>(null)
  const groups = useList(() => api.groups(today, year), [organisation.id, year], ['groups'])
  const courses = useList(
    () => api.courses({ year, ...(group && { group_id: group }) }),
    [organisation.id, year, group],
    ['courses', 'people', 'groups'],
    true,
  )
  const lines = groups.phase === 'ready' ? groups.value.items : []
  const way = { close: () => setAsks(null), done: () => void courses.read() }
  return (
    <Frame
      title={t('school.courses')}
      action={
        keepsPlan && (
          <Button
            leftSection={<Icon name="plus" size={18} />}
            onClick={() => setAsks({ what: 'edit' })}
          >
            {t('courses.add')}
          </Button>
        )
      }
    >
      <Filter lines={lines} group={group} change={setGroup} />
      <Shown list={courses}>
        {({ items, names }) => (
          <>
            <Lines
              items={items}
              names={names}
              isFiltered={group !== ''}
              ask={(what, course) => setAsks({ what, course })}
            />
            {asks?.what === 'edit' && (
              <CourseDialog
                key={asks.course?.id}
                {...way}
                groups={lines}
                names={names}
                group={group}
                {...(asks.course && { course: asks.course })}
              />
            )}
          </>
        )}
      </Shown>
      {asks?.what === 'end' && asks.course && <EndCourse course={asks.course} {...way} />}
    </Frame>
  )
}

interface FilterProps {
  lines: readonly GroupLine[]
  group: string
  change: (group: string) => void
}

function Filter({ lines, group, change }: FilterProps) {
  const { t } = useTranslation()
  return (
    <div className={classes.filters}>
      <NativeSelect
        label={t('roll.class')}
        value={group}
        onChange={(event) => change(event.currentTarget.value)}
        data={[
          { value: '', label: t('roll.allClasses') },
          ...lines.map(({ group: { id, name } }) => ({ value: id, label: name })),
        ]}
      />
    </div>
  )
}

interface LinesProps {
  items: readonly CourseView[]
  names: Readonly<Record<string, string>>
  isFiltered: boolean
  ask: (what: 'edit' | 'end', course: CourseView) => void
}

function Lines({ items, names, isFiltered, ask }: LinesProps) {
  const { t } = useTranslation()
  const { to, keepsPlan } = useSchool()
  if (items.length === 0) {
    if (isFiltered) return <p className="muted">{t('courses.none')}</p>
    return (
      <Empty title={t('courses.empty')} text={t('courses.emptyText')}>
        <Button component={Link} href={to('import?kind=courses')} variant="default">
          {t('import.title')}
        </Button>
      </Empty>
    )
  }
  return (
    <ul className={`${classes.list} ${classes.wraps}`} aria-label={t('school.courses')}>
      {items.map((course) => (
        <li key={course.id} data-course={course.subject_code}>
          <div className={classes.main}>
            <b>
              {named(course.subject)} · {course.groups.map(({ name }) => name).join(', ')}
            </b>
            <span className="muted sm">
              {course.teachers.map((id) => names[id] ?? '').join(', ')}
            </span>
          </div>
          {course.ended ? (
            <span className="st">{t('courses.ended')}</span>
          ) : (
            keepsPlan && (
              <>
                <Button size="sm" variant="default" onClick={() => ask('edit', course)}>
                  {t('courses.change')}
                </Button>
                <Button size="sm" variant="subtle" onClick={() => ask('end', course)}>
                  {t('courses.end')}
                </Button>
              </>
            )
          )}
        </li>
      ))}
    </ul>
  )
}

interface EndProps {
  course: CourseView
  close: () => void
  done: () => void
}

function EndCourse({ course, close, done }: EndProps) {
  const { t } = useTranslation()
  const { api, today } = useSchool()
  const task = useTask()
  const form = useFields({ day: today }, ['day'])
  const reload = () => {
    done()
    close()
  }
  const send = async () => {
    if (!form.complete()) return
    const { version } = course
    const ended = await task.run(() =>
      api.endCourse(course.id, { version, day: form.values.day }),
    )
    if (!ended) return
    tell(t('school.saved'))
    reload()
  }
  return (
    <Ask
      title={t('courses.end')}
      close={close}
      task={task}
      submit={t('courses.end')}
      stops
      reload={reload}
      send={() => void send()}
    >
      <p>
        <b>{named(course.subject)}</b>
      </p>
      <p>{t('courses.endText')}</p>
      <TextInput {...form.field('day')} type="date" label={t('roll.fromDay')} />
    </Ask>
  )
}
