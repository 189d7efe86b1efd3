import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CourseView } from '../../api/types'
import { named } from '../../base/i18n'
import { Icon } from '../../ui/Icon'
import { select } from '../people/PersonFields'
import { useSchool, useTask } from '../school/context'
import { lastDay } from '../school/days'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { Conflicts } from './Conflicts'
import { conflictsIn, type HourForm, hourOf, nextHour } from './model'
import own from './View.module.css'

interface Props {
  courses: readonly CourseView[]
  /** Of teachers, by id. */
  names: Readonly<Record<string, string>>
  first: string
  close: () => void
  done: () => void
}

/** Lessons of a course at the same hours each week. */
export function Plan({ courses, names, first, close, done }: Props) {
  const { t } = useTranslation()
  const { api, today, year } = useSchool()
  const task = useTask()
  const begin = first > today ? first : today
  const form = useFields(
    {
      course: courses[0]?.id ?? '',
      teacher: '',
      title: '',
      first: begin,
      until: lastDay(begin, year),
    },
    ['course', 'first', 'until'],
  )
  const [hours, setHours] = useState<readonly HourForm[]>([
    { weekday: '0', begins: '08:30', minutes: '45' },
  ])
  const [unread, setUnread] = useState(false)
  const conflicts = conflictsIn(task.error)
  const course = courses.find(({ id }) => id === form.values.course)
  const send = async (allow_conflicts: boolean) => {
    const sent = hours.map(hourOf)
    setUnread(sent.includes(null))
    if (!form.complete() || sent.includes(null)) return
    const { course: course_id, teacher, title, first, until } = form.values
    await task.run(async () => {
      const { added } = await api.plan({
        course_id,
        hours: sent.filter((one) => one !== null),
        first,
        until,
        teacher_id: teacher || null,
        title: title.trim(),
        allow_conflicts,
      })
      tell(t('timetable.added', { count: added }))
      done()
      close()
    })
  }
  if (courses.length === 0) {
    return (
      <Ask
        title={t('timetable.add')}
        close={close}
        task={task}
        submit={t('common.close')}
        send={close}
      >
        <p>{t('timetable.noCourse')}</p>
      </Ask>
    )
  }
  return (
    <Ask
      title={t('timetable.add')}
      close={close}
      task={task}
      submit={t(conflicts.length > 0 ? 'timetable.anyway' : 'timetable.addAction')}
      beside={conflicts.length > 0 ? { lesson_conflict: 'hours' } : {}}
      send={() => void send(conflicts.length > 0)}
    >
      <NativeSelect
        {...select(form, 'course')}
        label={t('timetable.course')}
        data={courses.map((one) => ({
          value: one.id,
          label: `${named(one.subject)} · ${one.groups.map(({ name }) => name).join(', ')}`,
        }))}
      />
      {course && course.teachers.length > 1 && (
        <NativeSelect
          {...select(form, 'teacher')}
          label={t('timetable.teacher')}
          data={course.teachers.map((id) => ({ value: id, label: names[id] ?? '' }))}
        />
      )}
      <Hours
        hours={hours}
        change={(next) => {
          setHours(next)
          task.clear()
        }}
        error={unread ? t('timetable.hourUnread') : null}
      />
      <div className={classes.pair}>
        <TextInput {...form.field('first')} type="date" label={t('import.first.lessons')} />
        <TextInput {...form.field('until')} type="date" label={t('import.until')} />
      </div>
      <TextInput {...form.field('title')} label={t('timetable.topic')} />
      <Conflicts error={task.error} />
    </Ask>
  )
}

interface HoursProps {
  hours: readonly HourForm[]
  change: (hours: readonly HourForm[]) => void
  error: string | null
}

function Hours({ hours, change, error }: HoursProps) {
  const { t } = useTranslation()
  const weekdays = t('date.weekdays', { returnObjects: true }) as string[]
  const put = (index: number, part: Partial<HourForm>) =>
    change(hours.map((hour, i) => (i === index ? { ...hour, ...part } : hour)))
  return (
    <fieldset className={classes.form}>
      <legend className="sb-label">{t('timetable.hours')}</legend>
      {hours.map((hour, index) => (
        <div key={index} className={own.hour}>
          <NativeSelect
            aria-label={t('timetable.weekday')}
            value={hour.weekday}
            onChange={(event) => put(index, { weekday: event.currentTarget.value })}
            data={weekdays.map((label, value) => ({ value: String(value), label }))}
          />
          <TextInput
            type="time"
            aria-label={t('timetable.begins')}
            value={hour.begins}
            onChange={(event) => put(index, { begins: event.currentTarget.value })}
          />
          <TextInput
            type="number"
            min={5}
            max={480}
            aria-label={t('timetable.minutes')}
            value={hour.minutes}
            onChange={(event) => put(index, { minutes: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={t('timetable.dropHour')}
            disabled={hours.length === 1}
            onClick={() => change(hours.filter((_, i) => i !== index))}
          >
            <Icon name="x" />
          </ActionIcon>
        </div>
      ))}
      {error && <p className="sb-error">{error}</p>}
      <div>
        <Button
          size="sm"
          variant="default"
          leftSection={<Icon name="plus" size={18} />}
          onClick={() => change([...hours, nextHour(hours.at(-1)!)])}
        >
          {t('timetable.moreHours')}
        </Button>
      </div>
    </fieldset>
  )
}
