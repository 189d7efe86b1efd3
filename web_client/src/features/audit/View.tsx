import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useSearch } from 'wouter'
import type { AuditEntry, Me } from '../../api/types'
import { dayOf, timeOf, weekdayOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { NotFound } from '../../ui/Lost'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import {
  AuditModel,
  type AuditState,
  byDay,
  detailOf,
  type Filter,
  filterOf,
  searchOf,
  WHATS,
} from './model'
import classes from './View.module.css'

/** Who logged in, was refused, looked at people, gave roles and changed locks. */
export default function Audit() {
  const me = useMe()
  const places = placesOf(me)
  return places.length > 0 ? <Page places={places} /> : <NotFound />
}

interface Place {
  id: string
  name: string
}

function placesOf(me: Me): Place[] {
  const found = new Map<string, string>()
  for (const { role, organisation_id, organisation } of me.roles) {
    if (role === 'administrator') found.set(organisation_id, named(organisation))
  }
  return [...found].map(([id, name]) => ({ id, name }))
}

function Page({ places }: { places: Place[] }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const filter = filterOf(useSearch())
  const [place, setPlace] = useState(places[0]!.id)
  const heading = usePage(t('audit.title'))
  const model = useModel(
    (scope) => new AuditModel(scope, api, place, filter),
    [api, place, filter.what, filter.person],
  )
  const choose = (next: Filter) => go(`/audit${searchOf(next)}`, { replace: true })
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('audit.title')}
        </h1>
        <p className="muted">{t('audit.text')}</p>
      </header>
      <div className={classes.filters}>
        {places.length > 1 && (
          <NativeSelect
            label={t('audit.place')}
            value={place}
            onChange={(event) => setPlace(event.currentTarget.value)}
            data={places.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
        <NativeSelect
          label={t('audit.show')}
          value={filter.what ?? ''}
          onChange={(event) => {
            const { what: _, ...rest } = filter
            const what = event.currentTarget.value
            choose(what ? { ...rest, what } : rest)
          }}
          data={[
            { value: '', label: t('audit.all') },
            ...WHATS.map((what) => ({ value: what, label: t(`audit.what.${what}`) })),
          ]}
        />
      </div>
      {model && <Lines model={model} filter={filter} choose={choose} />}
    </main>
  )
}

interface LinesProps {
  model: AuditModel
  filter: Filter
  choose: (filter: Filter) => void
}

function Lines({ model, filter, choose }: LinesProps) {
  const { t } = useTranslation()
  const state = useValue(model.state)
  if (state.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (state.phase === 'failed') {
    return <Problem error={state.error} retry={() => void model.load()} />
  }
  const { person, ...rest } = filter
  return (
    <>
      {person && (
        <p className={classes.only}>
          <span>{t('audit.only', { name: state.names[person] ?? t('audit.oneGone') })}</span>
          <Button variant="default" size="sm" onClick={() => choose(rest)}>
            {t('audit.everybody')}
          </Button>
        </p>
      )}
      <Days state={state} only={(id) => choose({ ...filter, person: id })} />
      {state.items.length === 0 && <p className="muted">{t('audit.empty')}</p>}
      {state.error !== null && <Problem error={state.error} />}
      {state.earlier && (
        <Button
          variant="default"
          className={classes.more}
          disabled={state.busy}
          onClick={() => void model.more()}
        >
          {t('audit.earlier')}
        </Button>
      )}
    </>
  )
}

interface DaysProps {
  state: Extract<AuditState, { phase: 'ready' }>
  only: (person: string) => void
}

function Days({ state, only }: DaysProps) {
  const { zone } = useMe()
  const days = byDay(state.items, (at) => `${dayOf(at, zone)}, ${weekdayOf(at, zone)}`)
  return days.map(({ day, items }) => (
    <section key={day} aria-label={day}>
      <h2 className={classes.day}>{day}</h2>
      <ol className={classes.lines}>
        {items.map((entry) => (
          <Line key={entry.id} entry={entry} names={state.names} only={only} />
        ))}
      </ol>
    </section>
  ))
}

interface LineProps {
  entry: AuditEntry
  names: Readonly<Record<string, string>>
  only: (person: string) => void
}

function Line({ entry, names, only }: LineProps) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { what, actor_id, subject_id, address, times, code } = entry
  const keys = detailOf(entry)
  const other = subject_id && subject_id !== actor_id ? subject_id : null
  return (
    <li className={classes.line} data-what={what}>
      <time className="num muted sm" dateTime={entry.at}>
        {timeOf(entry.at, zone)}
      </time>
      <div>
        <p>
          <b>{t(`audit.what.${what}`)}</b>
          {keys.length > 0 && <> · {t(keys, { code })}</>}
          {times > 1 && <span className={`count ${classes.times}`}>×{times}</span>}
        </p>
        <p className={`muted sm ${classes.who}`}>
          <Who id={actor_id} names={names} only={only} />
          {other && (
            <>
              <Icon name="chevron-right" size={14} />
              <span className="vh">{t('audit.to')}</span>
              <Who id={other} names={names} only={only} />
            </>
          )}
          {address && <span className="num faint">{address}</span>}
        </p>
      </div>
    </li>
  )
}

function Who({ id, names, only }: Pick<LineProps, 'names' | 'only'> & { id: string | null }) {
  const { t } = useTranslation()
  if (!id) return <span>{t('audit.nobody')}</span>
  const name = names[id] ?? t('audit.oneGone')
  return (
    <button
      type="button"
      className={classes.name}
      aria-label={t('audit.onlyThis', { name })}
      onClick={() => only(id)}
    >
      {name}
    </button>
  )
}
