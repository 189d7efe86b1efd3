import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GroupLine, GroupView, OnRoll } from '../../api/types'
import { Icon } from '../../ui/Icon'
import { AddPerson } from '../people/AddPerson'
import { Chosen } from '../people/Chosen'
import { SlipsDialog } from '../people/Dialogs'
import { FindPeople } from '../people/Find'
import { readPages } from '../people/model'
import { Rows } from '../people/Rows'
import { useList, useSchool, useTask } from '../school/context'
import { yearName } from '../school/days'
import { Ask, useFields } from '../school/form'
import { Empty, Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { ClassDialog } from './View'

/** More than any class has: all its learners are read. */
const PAGES = 10

/** One class: who learns there, slips for them, and what may be changed. */
export default function OneClass({ id }: { id: string }) {
  const { t } = useTranslation()
  const { api, today } = useSchool()
  const groups = useList(() => api.groups(today), [id], ['groups'])
  const people = useList(() => readPages(api, { group_id: id }, PAGES), [id], ['people', 'groups'])
  const lines = groups.phase === 'ready' ? groups.value.items : []
  const group = lines.find((line) => line.group.id === id)?.group
  const reread = () => {
    void people.read()
    void groups.read()
  }
  return (
    <Frame
      title={group?.name ?? t('classes.one')}
      second={group && yearName(group.year)}
      back={{ path: 'classes', name: t('school.classes') }}
    >
      <Shown list={people}>
        {({ items }) =>
          group ? (
            <Inside group={group} lines={lines} people={items} reread={reread} />
          ) : (
            groups.phase === 'ready' && <p className="muted">{t('error.not_found')}</p>
          )
        }
      </Shown>
    </Frame>
  )
}

interface Props {
  group: GroupView
  lines: readonly GroupLine[]
  people: readonly OnRoll[]
  reread: () => void
}

function Inside({ group, lines, people, reread }: Props) {
  const { t } = useTranslation()
  const { keepsPlan, keepsPeople, makesSlips } = useSchool()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [asks, setAsks] = useState<'slips' | 'enrol' | 'add' | 'change' | null>(null)
  const close = () => setAsks(null)
  const sameYear = lines.filter((line) => line.group.year === group.year)
  return (
    <>
      <div className={classes.row}>
        {makesSlips && people.length > 0 && (
          <Button
            leftSection={<Icon name="printer" size={18} />}
            onClick={() => setAsks('slips')}
          >
            {t('slips.ofClass')}
          </Button>
        )}
        {keepsPlan && !group.closed && (
          <Button variant="default" onClick={() => setAsks('enrol')}>
            {t('roll.enrolAction')}
          </Button>
        )}
        {keepsPeople && !group.closed && (
          <Button variant="default" onClick={() => setAsks('add')}>
            {t('roll.add')}
          </Button>
        )}
        {keepsPlan && (
          <Button variant="default" onClick={() => setAsks('change')}>
            {t('classes.change')}
          </Button>
        )}
      </div>
      {people.length === 0 ? (
        <Empty title={t('classes.nobody')} text={t('classes.nobodyText')} />
      ) : (
        <Rows
          people={people}
          chosen={chosen}
          {...(keepsPlan && { choose: setChosen })}
          label={group.name}
        />
      )}
      <Chosen
        people={people.filter(({ id }) => chosen.has(id))}
        groups={sameYear}
        done={() => {
          setChosen(new Set())
          reread()
        }}
      />
      {asks === 'slips' && <SlipsDialog people={people} close={close} />}
      {asks === 'enrol' && <Enrol group={group} people={people} close={close} done={reread} />}
      {asks === 'add' && (
        <AddPerson groups={sameYear} group={group.id} close={close} added={reread} />
      )}
      {asks === 'change' && (
        <ClassDialog year={group.year} group={group} close={close} done={reread} />
      )}
    </>
  )
}

interface EnrolProps {
  group: GroupView
  people: readonly OnRoll[]
  close: () => void
  done: () => void
}

function Enrol({ group, people, close, done }: EnrolProps) {
  const { t } = useTranslation()
  const { api, today } = useSchool()
  const task = useTask()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const form = useFields({ day: today, order: '' }, ['day'])
  const here = new Set(people.map(({ id }) => id))
  const send = async () => {
    if (!form.complete() || chosen.size === 0) return
    const { day: first, order } = form.values
    const body = { person_ids: [...chosen], first, order: order.trim() || null }
    if (!(await task.run(() => api.enrol(group.id, body)))) return
    done()
    close()
  }
  return (
    <Ask
      title={t('roll.enrol')}
      close={close}
      task={task}
      submit={t('roll.enrolAction')}
      send={() => void send()}
    >
      <FindPeople
        legend={group.name}
        fits={({ id }) => !here.has(id)}
        chosen={chosen}
        change={setChosen}
      />
      <div className={classes.pair}>
        <TextInput {...form.field('day')} type="date" label={t('roll.fromDay')} />
        <TextInput {...form.field('order')} label={t('roll.order')} />
      </div>
    </Ask>
  )
}
