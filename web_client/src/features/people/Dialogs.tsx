import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { GroupLine, OnRoll } from '../../api/types'
import { useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { toSlip } from './model'
import { select } from './PersonFields'

interface Props {
  people: readonly OnRoll[]
  close: () => void
  done: () => void
}

/** Into a class, or from one class into another or out of it. `from`: the class they are in. */
export function MoveDialog({
  people,
  groups,
  from = null,
  leaves = false,
  close,
  done,
}: Props & { groups: readonly GroupLine[]; from?: string | null; leaves?: boolean }) {
  const { t } = useTranslation()
  const { api, today } = useSchool()
  const task = useTask()
  const open = groups.filter(({ group }) => !group.closed && group.id !== from)
  const form = useFields({ to: open[0]?.group.id ?? '', day: today, order: '' }, ['day'])
  const kind = leaves ? 'leave' : from ? 'move' : 'enrol'
  const send = async () => {
    if (!form.complete()) return
    const person_ids = people.map(({ id }) => id)
    const { to, day } = form.values
    const order = form.values.order.trim() || null
    const moved = await task.run(() =>
      from
        ? api.move(from, { person_ids, day, to: leaves ? null : to, order })
        : api.enrol(to, { person_ids, first: day, order }),
    )
    if (!moved) return
    tell(t(`roll.${kind}Done`, { count: people.length }))
    done()
    close()
  }
  return (
    <Ask
      title={t(`roll.${kind}`)}
      close={close}
      task={task}
      submit={t(`roll.${kind}Action`)}
      send={() => void send()}
    >
      <p>{t('roll.chosen', { count: people.length })}</p>
      {!leaves && (
        <NativeSelect
          {...select(form, 'to')}
          label={t('roll.class')}
          data={open.map(({ group: { id, name } }) => ({ value: id, label: name }))}
        />
      )}
      <div className={classes.pair}>
        <TextInput {...form.field('day')} type="date" label={t('roll.fromDay')} />
        <TextInput {...form.field('order')} label={t('roll.order')} />
      </div>
    </Ask>
  )
}

/** New passwords on paper: says what they end, and shows them on a page to be printed. */
export function SlipsDialog({ people, close }: Omit<Props, 'done'>) {
  const { t } = useTranslation()
  const { model, to } = useSchool()
  const [, go] = useLocation()
  const task = useTask()
  const withOwn = toSlip(people, true).length - toSlip(people, false).length
  const [all, setAll] = useState(toSlip(people, false).length === 0)
  const persons = toSlip(people, all)
  const send = async () => {
    if (persons.length === 0) return
    if (await task.run(() => model.makeSlips(persons))) go(to('slips'))
  }
  return (
    <Ask
      title={t('slips.make')}
      close={close}
      task={task}
      submit={t('slips.makeAction', { count: persons.length })}
      send={() => void send()}
    >
      <p>{t('slips.makeText')}</p>
      {withOwn > 0 && (
        <label className={classes.check}>
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
          <span>{t('slips.alsoOwn', { count: withOwn })}</span>
        </label>
      )}
      {persons.length === 0 && <p className="sb-error">{t('slips.nobody')}</p>}
    </Ask>
  )
}
