import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { GroupLine, Role } from '../../api/types'
import { Icon } from '../../ui/Icon'
import { type List, useList, useSchool } from '../school/context'
import { Empty, Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { AddPerson } from './AddPerson'
import { Chosen } from './Chosen'
import { type PeoplePage, readPages, ROLES } from './model'
import { Rows } from './Rows'

const TYPING = 250

interface Filter {
  search: string
  group: string
  role: string
  active: boolean
}

const ALL: Filter = { search: '', group: '', role: '', active: true }

/** Everybody of the organisation: looked for, added, chosen for something. */
export default function People() {
  const { t } = useTranslation()
  const { api, organisation, today, year, keepsPeople } = useSchool()
  const [filter, setFilter] = useState(ALL)
  const [pages, setPages] = useState(1)
  const [adding, setAdding] = useState(false)
  const [search] = useDebouncedValue(filter.search, TYPING)
  const groups = useList(() => api.groups(today, year), [organisation.id, year], ['groups'])
  const people = useList(
    () =>
      readPages(
        api,
        {
          search,
          active: filter.active,
          ...(filter.group && { group_id: filter.group }),
          ...(filter.role && { role: filter.role as Role }),
        },
        pages,
      ),
    [organisation.id, search, filter.group, filter.role, filter.active, pages],
    ['people', 'groups'],
    true,
  )
  const lines = groups.phase === 'ready' ? groups.value.items : []
  const change = (part: Partial<Filter>) => {
    setFilter({ ...filter, ...part })
    setPages(1)
  }
  const isFiltered = search !== '' || filter.group !== '' || filter.role !== '' || !filter.active
  return (
    <Frame
      title={t('school.people')}
      action={
        keepsPeople && (
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setAdding(true)}>
            {t('roll.add')}
          </Button>
        )
      }
    >
      <Filters filter={filter} change={change} groups={lines} />
      <Shown list={people}>
        {(page) => (
          <Found
            page={page}
            groups={lines}
            isFiltered={isFiltered}
            reload={people}
            readMore={() => setPages(pages + 1)}
          />
        )}
      </Shown>
      {adding && (
        <AddPerson
          groups={lines}
          group={filter.group}
          close={() => setAdding(false)}
          added={() => void people.read()}
        />
      )}
    </Frame>
  )
}

interface FiltersProps {
  filter: Filter
  change: (part: Partial<Filter>) => void
  groups: readonly GroupLine[]
}

function Filters({ filter, change, groups }: FiltersProps) {
  const { t } = useTranslation()
  return (
    <div className={classes.filters} role="search">
      <TextInput
        type="search"
        className={classes.search}
        label={t('roll.search')}
        placeholder={t('roll.searchHint')}
        value={filter.search}
        onChange={(event) => change({ search: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('roll.class')}
        value={filter.group}
        onChange={(event) => change({ group: event.currentTarget.value })}
        data={[
          { value: '', label: t('roll.allClasses') },
          ...groups.map(({ group: { id, name } }) => ({ value: id, label: name })),
        ]}
      />
      <NativeSelect
        label={t('roll.role')}
        value={filter.role}
        onChange={(event) => change({ role: event.currentTarget.value })}
        data={[
          { value: '', label: t('roll.allRoles') },
          ...ROLES.map((role) => ({ value: role, label: t(`role.one.${role}`) })),
        ]}
      />
      <NativeSelect
        label={t('roll.who')}
        value={filter.active ? 'active' : 'removed'}
        onChange={(event) => change({ active: event.currentTarget.value === 'active' })}
        data={[
          { value: 'active', label: t('roll.present') },
          { value: 'removed', label: t('roll.removedOnes') },
        ]}
      />
    </div>
  )
}

interface FoundProps {
  page: PeoplePage
  groups: readonly GroupLine[]
  isFiltered: boolean
  reload: List<PeoplePage>
  readMore: () => void
}

function Found({ page, groups, isFiltered, reload, readMore }: FoundProps) {
  const { t } = useTranslation()
  const { to, keepsPeople, keepsPlan, makesSlips } = useSchool()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { items, more } = page
  if (items.length === 0) return <p className="muted">{t('roll.nobody')}</p>
  return (
    <>
      <Rows
        people={items}
        chosen={chosen}
        {...((keepsPlan || makesSlips) && { choose: setChosen })}
        label={t('school.people')}
      />
      {more && (
        <Button variant="default" onClick={readMore}>
          {t('school.more')}
        </Button>
      )}
      {!isFiltered && items.length === 1 && keepsPeople && (
        <Empty title={t('roll.empty')} text={t('roll.emptyText')}>
          <Button component={Link} href={to('import?kind=people')} variant="default">
            {t('import.title')}
          </Button>
        </Empty>
      )}
      <Chosen
        people={items.filter(({ id }) => chosen.has(id))}
        groups={groups}
        done={() => {
          setChosen(new Set())
          void reload.read()
        }}
      />
    </>
  )
}
