import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { GroupLine, GroupView } from '../../api/types'
import { Icon } from '../../ui/Icon'
import { useList, useSchool, useTask } from '../school/context'
import { yearName } from '../school/days'
import { Ask, useFields } from '../school/form'
import { Empty, Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { gradeIn } from './model'

/** The classes of a school year. */
export default function Classes() {
  const { t } = useTranslation()
  const { api, organisation, today, year, keepsPlan } = useSchool()
  const [shown, setShown] = useState(year)
  const [asks, setAsks] = useState<'add' | 'promote' | null>(null)
  const groups = useList(
    () => api.groups(today, shown),
    [organisation.id, shown],
    ['groups', 'people'],
    true,
  )
  const close = () => setAsks(null)
  return (
    <Frame
      title={t('school.classes')}
      action={
        keepsPlan && (
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setAsks('add')}>
            {t('classes.add')}
          </Button>
        )
      }
    >
      <div className={classes.filters}>
        <NativeSelect
          label={t('classes.year')}
          value={shown}
          onChange={(event) => setShown(Number(event.currentTarget.value))}
          data={[year + 1, year, year - 1].map((one) => ({
            value: String(one),
            label: yearName(one),
          }))}
        />
      </div>
      <Shown list={groups}>
        {({ items }) => (
          <>
            <Lines items={items} />
            {keepsPlan && items.some(({ group }) => !group.closed) && (
              <div>
                <Button variant="default" onClick={() => setAsks('promote')}>
                  {t('classes.promote')}
                </Button>
              </div>
            )}
          </>
        )}
      </Shown>
      {asks === 'add' && (
        <ClassDialog year={shown} close={close} done={() => void groups.read()} />
      )}
      {asks === 'promote' && (
        <Promote year={shown} close={close} done={() => setShown(shown + 1)} />
      )}
    </Frame>
  )
}

function Lines({ items }: { items: readonly GroupLine[] }) {
  const { t } = useTranslation()
  const { to } = useSchool()
  if (items.length === 0) {
    return (
      <Empty title={t('classes.empty')} text={t('classes.emptyText')}>
        <Button component={Link} href={to('import?kind=classes')} variant="default">
          {t('import.title')}
        </Button>
      </Empty>
    )
  }
  return (
    <ul className={classes.list} aria-label={t('school.classes')}>
      {items.map(({ group, learners }) => (
        <li key={group.id} data-class={group.name}>
          <Link href={to(`classes/${group.id}`)} className={`grow ${classes.name}`}>
            {group.name}
          </Link>
          {group.closed && <span className="st">{t('classes.closed')}</span>}
          <span className={`num ${classes.aside}`}>
            {t('classes.learners', { count: learners })}
          </span>
        </li>
      ))}
    </ul>
  )
}

interface DialogProps {
  close: () => void
  done: () => void
}

/** A new class, or another name, grade or state of one. */
export function ClassDialog({
  year,
  group,
  close,
  done,
}: DialogProps & { year: number; group?: GroupView }) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const [version] = useState(group?.version ?? 0)
  const [closed, setClosed] = useState(group?.closed ?? false)
  const form = useFields({ name: group?.name ?? '', grade: String(group?.grade ?? '') }, [
    'name',
    'grade',
  ])
  const send = async () => {
    if (!form.complete()) return
    const name = form.values.name.trim()
    const grade = Number(form.values.grade)
    const kept = await task.run(() =>
      group
        ? api.changeGroup(group.id, { version, name, grade, closed })
        : api.addGroup({ name, grade, year }),
    )
    if (!kept) return
    tell(t('school.saved'))
    done()
    close()
  }
  const { onChange, ...name } = form.field('name')
  return (
    <Ask
      title={t(group ? 'classes.change' : 'classes.add')}
      close={close}
      task={task}
      submit={t(group ? 'school.save' : 'classes.addAction')}
      reload={() => {
        done()
        close()
      }}
      send={() => void send()}
    >
      <div className={classes.pair}>
        <TextInput
          {...name}
          onChange={(event) => {
            onChange(event)
            if (!group) form.set('grade', gradeIn(event.currentTarget.value))
          }}
          label={t('classes.name')}
          placeholder="7 «А»"
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          {...form.field('grade')}
          label={t('classes.grade')}
          type="number"
          min={1}
          max={12}
          inputMode="numeric"
        />
      </div>
      {group && (
        <label className={classes.check}>
          <input
            type="checkbox"
            checked={closed}
            onChange={(event) => setClosed(event.currentTarget.checked)}
          />
          <span>{t('classes.closing')}</span>
        </label>
      )}
    </Ask>
  )
}

function Promote({ year, close, done }: DialogProps & { year: number }) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const form = useFields({ day: `${year + 1}-09-01`, last: '' }, ['day'])
  const send = async () => {
    if (!form.complete()) return
    const { day, last } = form.values
    if (!(await task.run(() => api.promote({ year, day, last: last ? Number(last) : null })))) return
    done()
    close()
  }
  return (
    <Ask
      title={t('classes.promote')}
      close={close}
      task={task}
      submit={t('classes.promoteAction')}
      send={() => void send()}
    >
      <p>{t('classes.promoteText', { year: yearName(year + 1) })}</p>
      <div className={classes.pair}>
        <TextInput {...form.field('day')} type="date" label={t('roll.fromDay')} />
        <TextInput
          {...form.field('last')}
          type="number"
          min={1}
          max={12}
          label={t('classes.last')}
          description={t('classes.lastText')}
        />
      </div>
    </Ask>
  )
}
