import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Level, OrganisationKind, OrganisationView } from '../../api/types'
import { named } from '../../base/i18n'
import { useServices } from '../../services'
import { dataOf, EMPTY, PLACES } from '../people/model'
import { PersonFields, select } from '../people/PersonFields'
import { useList, useSchool, useTask } from './context'
import { Ask, useFields } from './form'
import { Shown } from './Frame'
import { levelsBelow } from './model'
import { KINDS } from './Organisation'
import classes from './school.module.css'

/** Further organisations: added where one may, each with its first administrator. */
export function Below() {
  const { t } = useTranslation()
  const { api } = useServices()
  const { organisation } = useSchool()
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<readonly OrganisationView[]>([])
  const [appoints, setAppoints] = useState<OrganisationView | null>(null)
  const known = useList(() => api.organisations(), [organisation.id], ['organisation'])
  const add = (view: OrganisationView) => {
    setMade([...made, view])
    setAdding(false)
    if (view.level === 'organisation') setAppoints(view)
    void known.read()
  }
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-label={t('below.title')}>
      <h2>{t('below.title')}</h2>
      <p className="muted">{t('below.text')}</p>
      <Shown list={known}>
        {({ items, places }) => {
          const others = [...items, ...made.filter(({ id }) => items.every((one) => one.id !== id))]
          return (
            <>
              <Others
                others={others.filter(({ id }) => id !== organisation.id)}
                appoint={setAppoints}
              />
              {places.length > 0 && (
                <div>
                  <Button variant="default" onClick={() => setAdding(true)}>
                    {t('below.add')}
                  </Button>
                </div>
              )}
              {adding && <Add places={places} close={() => setAdding(false)} added={add} />}
            </>
          )
        }}
      </Shown>
      {appoints && <Appoint unit={appoints} close={() => setAppoints(null)} />}
    </section>
  )
}

interface OthersProps {
  others: readonly OrganisationView[]
  appoint: (unit: OrganisationView) => void
}

function Others({ others, appoint }: OthersProps) {
  const { t } = useTranslation()
  if (others.length === 0) return null
  return (
    <ul className={classes.list}>
      {others.map((unit) => (
        <li key={unit.id}>
          <span className="grow">
            {named(unit.names)} <span className="muted sm">{t(`below.level.${unit.level}`)}</span>
          </span>
          {unit.level === 'organisation' && (
            <Button size="sm" variant="default" onClick={() => appoint(unit)}>
              {t('below.appoint')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

interface AddProps {
  places: readonly OrganisationView[]
  close: () => void
  added: (unit: OrganisationView) => void
}

function Add({ places, close, added }: AddProps) {
  const { t } = useTranslation()
  const { api } = useServices()
  const task = useTask()
  const form = useFields(
    {
      above: places[0]?.id ?? '',
      level: 'organisation',
      kk: '',
      ru: '',
      en: '',
      kind: 'school',
    },
    ['kk', 'ru'],
  )
  const above = places.find(({ id }) => id === form.values.above)
  const levels = above ? levelsBelow(above.level) : []
  const level = levels.find((one) => one === form.values.level) ?? 'organisation'
  const send = async () => {
    if (!form.complete()) return
    const { kk, ru, en, kind } = form.values
    await task.run(async () => {
      const unit = await api.addOrganisation({
        above: form.values.above,
        names: { kk: kk.trim(), ru: ru.trim(), en: en.trim() || kk.trim() },
        level: level satisfies Level,
        kind: level === 'organisation' ? (kind as OrganisationKind) : null,
        zone: null,
      })
      added(unit)
    })
  }
  return (
    <Ask
      title={t('below.add')}
      close={close}
      task={task}
      submit={t('below.addAction')}
      send={() => void send()}
    >
      <TextInput {...form.field('kk')} label={t('setup.kk')} lang="kk" data-autofocus />
      <TextInput {...form.field('ru')} label={t('setup.ru')} lang="ru" />
      <TextInput {...form.field('en')} label={t('setup.en')} lang="en" />
      <div className={classes.pair}>
        <NativeSelect
          {...select(form, 'above')}
          label={t('below.above')}
          data={places.map(({ id, names }) => ({ value: id, label: named(names) }))}
        />
        <NativeSelect
          {...select(form, 'level')}
          value={level}
          label={t('below.what')}
          data={levels.map((one) => ({ value: one, label: t(`below.level.${one}`) }))}
        />
        {level === 'organisation' && (
          <NativeSelect
            {...select(form, 'kind')}
            label={t('setup.kind')}
            data={KINDS.map((kind) => ({ value: kind, label: t(`setup.kinds.${kind}`) }))}
          />
        )}
      </div>
    </Ask>
  )
}

/** The first administrator of an organisation, with a slip to hand over. */
function Appoint({ unit, close }: { unit: OrganisationView; close: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { model, to } = useSchool()
  const [, go] = useLocation()
  const task = useTask()
  const form = useFields(EMPTY, ['family', 'given'], task.error, PLACES)
  const send = async () => {
    if (!form.complete()) return
    const login = form.values.login.trim() || null
    const appointed = await task.run(async () => {
      const slip = await api.school(unit.id).appoint({ data: dataOf(form.values), login })
      model.showSlips([slip])
    })
    if (appointed) go(to('slips'))
  }
  return (
    <Ask
      title={t('below.appoint')}
      close={close}
      task={task}
      submit={t('below.appointAction')}
      beside={PLACES}
      send={() => void send()}
    >
      <p>
        <b>{named(unit.names)}</b>
      </p>
      <PersonFields form={form} isNew />
      <p className="muted sm">{t('below.appointText')}</p>
    </Ask>
  )
}
