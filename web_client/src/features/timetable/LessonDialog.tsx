import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OnRoll, PlannedLesson } from '../../api/types'
import { named } from '../../base/i18n'
import { nameOf } from '../people/model'
import { select } from '../people/PersonFields'
import { useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { Conflicts } from './Conflicts'
import { conflictsIn, hourOf } from './model'

interface Props {
  lesson: PlannedLesson
  teachers: readonly OnRoll[]
  close: () => void
  done: () => void
}

/** One lesson: moved, given to somebody else, cancelled or brought back. */
export function LessonDialog({ lesson, teachers, close, done }: Props) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const [following, setFollowing] = useState(false)
  const { version, day, begins, title } = lesson
  const form = useFields(
    { day, begins, minutes: String(lesson.minutes), teacher: lesson.teacher_id, title },
    ['day', 'begins', 'minutes'],
  )
  const conflicts = conflictsIn(task.error)
  const finish = () => {
    done()
    close()
  }
  const send = async () => {
    const hour = hourOf({ ...form.values, weekday: '0' })
    if (!form.complete() || !hour) return
    const saved = await task.run(() =>
      api.changeLesson(lesson.id, {
        version,
        day: form.values.day,
        begins: hour.begins,
        minutes: hour.minutes,
        teacher_id: form.values.teacher,
        title: form.values.title.trim(),
        allow_conflicts: conflicts.length > 0,
      }),
    )
    if (saved) finish()
  }
  const restore = lesson.state === 'cancelled'
  const cancel = async () => {
    if (await task.run(() => api.cancelLesson(lesson.id, { version, restore, following }))) finish()
  }
  return (
    <Ask
      title={`${named(lesson.subject)} · ${lesson.groups.join(', ')}`}
      close={close}
      task={task}
      submit={t(conflicts.length > 0 ? 'timetable.saveAnyway' : 'school.save')}
      beside={conflicts.length > 0 ? { lesson_conflict: 'hours' } : {}}
      reload={finish}
      send={() => void send()}
    >
      <div className={classes.three}>
        <TextInput {...form.field('day')} type="date" label={t('timetable.day')} />
        <TextInput {...form.field('begins')} type="time" label={t('timetable.begins')} />
        <TextInput {...form.field('minutes')} type="number" label={t('timetable.minutes')} />
      </div>
      <NativeSelect
        {...select(form, 'teacher')}
        label={t('timetable.teacher')}
        data={[
          { value: lesson.teacher_id, label: lesson.teacher },
          ...teachers
            .filter(({ id }) => id !== lesson.teacher_id)
            .map((one) => ({ value: one.id, label: nameOf(one) })),
        ]}
      />
      <TextInput {...form.field('title')} label={t('timetable.topic')} />
      <Conflicts error={task.error} />
      <fieldset className={classes.part}>
        <legend className="vh">{t('timetable.cancelling')}</legend>
        <label className={classes.check}>
          <input
            type="checkbox"
            checked={following}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
          <span>{t('timetable.following')}</span>
        </label>
        <div>
          <Button variant="default" disabled={task.busy} onClick={() => void cancel()}>
            {t(restore ? 'timetable.restore' : 'timetable.cancel')}
          </Button>
        </div>
      </fieldset>
    </Ask>
  )
}
