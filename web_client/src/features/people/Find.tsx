import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OnRoll, Role } from '../../api/types'
import { useList, useSchool } from '../school/context'
import { Ticks } from '../school/form'
import { Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { nameOf } from './model'

interface Props {
  legend: string
  role?: Role
  /** Names of those who were chosen before, by id. */
  known?: Readonly<Record<string, string>>
  /** Who stands in the list at all. */
  fits?: (person: OnRoll) => boolean
  chosen: ReadonlySet<string>
  change: (chosen: ReadonlySet<string>) => void
  single?: boolean
  error?: ReactNode
}

const TYPING = 250

/** People found by name and ticked. Who is ticked stays in sight. */
export function FindPeople({
  legend,
  role,
  known = {},
  fits = () => true,
  chosen,
  change,
  single,
  error,
}: Props) {
  const { t } = useTranslation()
  const { api, organisation } = useSchool()
  const [typed, setTyped] = useState('')
  const [names, setNames] = useState<Readonly<Record<string, string>>>(known)
  const [search] = useDebouncedValue(typed, TYPING)
  const found = useList(
    () => api.people({ search, ...(role && { role }) }),
    [organisation.id, search, role],
    [],
    true,
  )
  return (
    <div className={classes.form}>
      <TextInput
        type="search"
        label={t('roll.search')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Shown list={found}>
        {({ items }) => {
          const fitting = items.filter((one) => fits(one) && !chosen.has(one.id))
          const choices = [
            ...[...chosen].map((id) => ({ id, name: names[id] ?? '' })),
            ...fitting.map((one) => ({
              id: one.id,
              name: nameOf(one),
              second: one.groups.map(({ name }) => name).join(', '),
            })),
          ]
          const choose = (next: ReadonlySet<string>) => {
            const added = [...next].filter((id) => !chosen.has(id))
            for (const { id, name } of choices) {
              if (added.includes(id)) setNames((before) => ({ ...before, [id]: name }))
            }
            change(single && added.length > 0 ? new Set(added) : next)
          }
          if (choices.length === 0) return <p className="muted">{t('roll.nobody')}</p>
          return (
            <Ticks
              legend={legend}
              choices={choices}
              chosen={chosen}
              change={choose}
              error={error}
            />
          )
        }}
      </Shown>
    </div>
  )
}
