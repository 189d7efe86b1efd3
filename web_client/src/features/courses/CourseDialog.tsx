import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CourseView, GroupLine } from '../../api/types'
import { compareNames } from '../../base/format'
import { named } from '../../base/i18n'
import { FindPeople } from '../people/Find'
import { useList, useSchool, useTask } from '../school/context'
import { Ask, Ticks, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'

interface Props {
  groups: readonly GroupLine[]
  /** Of teachers, by id. */
  names: Readonly<Record<string, string>>
  course?: CourseView
  /** The class chosen at first. */
  group?: string
  close: () => void
  done: () => void
}

/** A new course, or other classes and teachers of one. */
export function CourseDialog({ groups, names, course, group, close, done }: Props) {
  const { t } = useTranslation()
  const { api, year } = useSchool()
  const task = useTask()
  const [version] = useState(course?.version ?? 0)
  const [subject, setSubject] = useState(course?.subject_code ?? '')
  const [taking, setTaking] = useState<ReadonlySet<string>>(
    new Set(course ? course.groups.map(({ id }) => id) : group ? [group] : []),
  )
  const [teachers, setTeachers] = useState<ReadonlySet<string>>(new Set(course?.teachers))
  const [sent, setSent] = useState(false)
  const send = async () => {
    setSent(true)
    if (!subject || taking.size === 0 || teachers.size === 0) return
    const body = { subject_code: subject, group_ids: [...taking], teacher_ids: [...teachers] }
    const kept = await task.run(() =>
      course
        ? api.changeCourse(course.id, { version, ...body })
        : api.addCourse({ year, ...body }),
    )
    if (!kept) return
    tell(t('school.saved'))
    done()
    close()
  }
  const missing = sent && t('common.fillIn')
  return (
    <Ask
      title={t(course ? 'courses.change' : 'courses.add')}
      close={close}
      task={task}
      submit={t(course ? 'school.save' : 'courses.addAction')}
      reload={() => {
        done()
        close()
      }}
      send={() => void send()}
    >
      <Subject value={subject} change={setSubject} error={!subject && missing} />
      <Ticks
        legend={t('school.classes')}
        choices={groups
          .filter(({ group: { id, closed } }) => !closed || taking.has(id))
          .map(({ group: { id, name } }) => ({ id, name }))}
        chosen={taking}
        change={setTaking}
        error={taking.size === 0 && missing}
      />
      <FindPeople
        legend={t('courses.teachers')}
        role="teacher"
        known={names}
        chosen={teachers}
        change={setTeachers}
        error={teachers.size === 0 && missing}
      />
    </Ask>
  )
}

interface SubjectProps {
  value: string
  change: (code: string) => void
  error: string | false
}

/** One subject of the directory, or a new one of this organisation. */
function Subject({ value, change, error }: SubjectProps) {
  const { t } = useTranslation()
  const { api, organisation } = useSchool()
  const task = useTask()
  const [adding, setAdding] = useState(false)
  const subjects = useList(() => api.subjects(), [organisation.id])
  const form = useFields({ kk: '', ru: '', en: '' }, ['kk', 'ru'], task.error, {
    subject_taken: 'kk',
    malformed: 'kk',
  })
  const items = subjects.phase === 'ready' ? subjects.value.items : []
  const add = async () => {
    if (!form.complete()) return
    const { kk, ru, en } = form.values
    await task.run(async () => {
      const names = { kk: kk.trim(), ru: ru.trim(), en: en.trim() || kk.trim() }
      const made = await api.addSubject({ names })
      await subjects.read()
      change(made.code)
      setAdding(false)
    })
  }
  if (adding) {
    return (
      <fieldset className={classes.form}>
        <legend className="sb-label">{t('courses.newSubject')}</legend>
        <div className={classes.three}>
          <TextInput {...form.field('kk')} label="Қазақша" lang="kk" />
          <TextInput {...form.field('ru')} label="Русский" lang="ru" />
          <TextInput {...form.field('en')} label="English" lang="en" />
        </div>
        <div className={classes.row}>
          <Button variant="default" size="sm" disabled={task.busy} onClick={() => void add()}>
            {t('courses.addSubject')}
          </Button>
          <Button variant="subtle" size="sm" onClick={() => setAdding(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </fieldset>
    )
  }
  return (
    <div>
      <NativeSelect
        label={t('courses.subject')}
        value={value}
        error={error}
        onChange={(event) => change(event.currentTarget.value)}
        data={[
          { value: '', label: t('courses.chooseSubject') },
          ...items
            .map(({ code, names }) => ({ value: code, label: named(names) }))
            .sort((a, b) => compareNames(a.label, b.label)),
        ]}
      />
      <button type="button" className={`sm tap ${classes.link}`} onClick={() => setAdding(true)}>
        {t('courses.newSubject')}
      </button>
    </div>
  )
}
