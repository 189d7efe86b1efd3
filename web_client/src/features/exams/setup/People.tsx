import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../../ui/Icon'
import { Ticks } from '../../school/form'
import type { Part } from '../draft'
import classes from '../exams.module.css'
import { More } from '../parts'
import type { Form } from './form'

const MOST_SHOWN = 30

/** Who takes it: classes, and learners one by one. */
export function Takers({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, choices } = form
  const [search, setSearch] = useState('')
  const names = new Map(choices.groups.map(({ id, name }) => [id, name]))
  const wanted = search.toLocaleLowerCase('kk').split(/\s+/).filter(Boolean)
  const fits = (name: string) => {
    const words = name.toLocaleLowerCase('kk').split(/\s+/)
    return wanted.every((one) => words.some((word) => word.startsWith(one)))
  }
  const alone = choices.learners.filter(({ id }) => draft.persons.includes(id))
  const found = wanted.length > 0 ? choices.learners.filter(({ id, name }) => fits(name) && !draft.persons.includes(id)) : []
  return (
    <div id="takers" tabIndex={-1} className={classes.form}>
      {choices.groups.length > 0 && (
        <Ticks
          legend={t('exams.classes')}
          choices={choices.groups.map(({ id, name, learners }) => ({
            id,
            name,
            second: t('exams.learners', { count: learners }),
          }))}
          chosen={new Set(draft.groups)}
          change={(groups) => change({ groups: [...groups] })}
        />
      )}
      <More summary={t('exams.oneByOne', { count: draft.persons.length })} open={choices.groups.length === 0}>
        <TextInput
          type="search"
          label={t('exams.findLearner')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {alone.length + found.length > 0 && (
          <Ticks
            legend={t('exams.learnersChosen')}
            choices={[...alone, ...found.slice(0, MOST_SHOWN)].map((one) => ({
              id: one.id,
              name: one.name,
              second: one.groups.map((id) => names.get(id) ?? '').join(', '),
            }))}
            chosen={new Set(draft.persons)}
            change={(persons) => change({ persons: [...persons] })}
          />
        )}
        {wanted.length > 0 && found.length === 0 && <p className="muted sm">{t('exams.noLearner')}</p>}
      </More>
    </div>
  )
}

const PARTS: readonly Part[] = ['marker', 'proctor', 'chair']

/** Who helps: marks, watches, or answers for it too. */
export function Commission({ form, me }: { form: Form; me: string }) {
  const { t } = useTranslation()
  const { draft, change, choices } = form
  const [person, setPerson] = useState('')
  const [part, setPart] = useState<Part>('marker')
  const names = new Map(choices.staff.map(({ id, name }) => [id, name]))
  const free = choices.staff.filter(({ id }) => id !== me && !draft.commission.some((one) => one.person === id))
  const add = () => {
    if (!person) return
    change({ commission: [...draft.commission, { person, part }] })
    setPerson('')
  }
  return (
    <More summary={t('exams.commission', { count: draft.commission.length })}>
      <p className="muted sm">{t('exams.commissionText')}</p>
      {draft.commission.length > 0 && (
        <ul className={classes.list} aria-label={t('exams.commissionList')}>
          {draft.commission.map((one) => {
            const name = names.get(one.person) ?? t('exams.somebody')
            return (
              <li key={one.person}>
                <span className={classes.main}>{name}</span>
                <span className="muted sm">{t(`exams.parts.${one.part}`)}</span>
                {one.person !== me && (
                  <Button
                    variant="subtle"
                    size="sm"
                    aria-label={t('exams.removeMember', { name })}
                    onClick={() => change({ commission: draft.commission.filter((other) => other !== one) })}
                  >
                    <Icon name="x" size={18} />
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      )}
      <div className={classes.ends}>
        <NativeSelect
          className="grow"
          label={t('exams.member')}
          value={person}
          onChange={(event) => setPerson(event.currentTarget.value)}
          data={[{ value: '', label: t('exams.chooseMember') }, ...free.map(({ id, name }) => ({ value: id, label: name }))]}
        />
        <NativeSelect
          label={t('exams.part')}
          value={part}
          onChange={(event) => setPart(event.currentTarget.value as Part)}
          data={PARTS.map((one) => ({ value: one, label: t(`exams.parts.${one}`) }))}
        />
        <Button variant="default" disabled={!person} onClick={add}>
          {t('exams.addMember')}
        </Button>
      </div>
    </More>
  )
}
