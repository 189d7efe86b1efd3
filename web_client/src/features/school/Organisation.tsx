import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OrganisationKind, OrganisationView } from '../../api/types'
import { useServices } from '../../services'
import { select } from '../people/PersonFields'
import { PushRule } from '../reminders/PushRule'
import { Below } from './Below'
import { useList, useSchool, useTask } from './context'
import { schoolYearOf, yearName } from './days'
import { Form, useFields } from './form'
import { Frame, Shown } from './Frame'
import classes from './school.module.css'
import { tell } from './tell'

export const KINDS: readonly OrganisationKind[] = ['school', 'college', 'university']

/** What the organisation is called, its kind, zone and year; and organisations below, where one may add. */
export default function Organisation() {
  const { t } = useTranslation()
  const { api } = useServices()
  const { organisation, model } = useSchool()
  const [round, setRound] = useState(0)
  const zones = useList(() => api.zones(), [])
  const renew = async () => {
    await model.renew()
    setRound(round + 1)
  }
  return (
    <Frame title={t('school.organisation')}>
      <Shown list={zones}>
        {({ items }) => (
          <Data
            key={round}
            organisation={organisation}
            zones={items}
            renew={() => void renew()}
          />
        )}
      </Shown>
      {organisation.may.includes('organisation:change') && organisation.level === 'organisation' && (
        <PushRule organisation={organisation.id} />
      )}
      {organisation.may.includes('organisation:add') && <Below />}
    </Frame>
  )
}

interface Props {
  organisation: OrganisationView
  zones: readonly string[]
  renew: () => void
}

function Data({ organisation, zones, renew }: Props) {
  const { t } = useTranslation()
  const { api, today } = useSchool()
  const task = useTask()
  const { kk, ru, en } = organisation.names
  const [version] = useState(organisation.version)
  const form = useFields(
    {
      kk,
      ru,
      en,
      kind: organisation.kind ?? '',
      zone: organisation.zone,
      year: organisation.school_year === null ? '' : String(organisation.school_year),
    },
    ['kk', 'ru', 'en'],
  )
  const year = schoolYearOf(today)
  const send = async () => {
    if (!form.complete()) return
    const { kk, ru, en, kind, zone, year } = form.values
    const saved = await task.run(() =>
      api.change({
        version,
        names: { kk: kk.trim(), ru: ru.trim(), en: en.trim() },
        kind: (kind || null) as OrganisationKind | null,
        zone,
        school_year: year ? Number(year) : null,
      }),
    )
    if (!saved) return
    tell(t('school.saved'))
    renew()
  }
  const years = [...new Set([year - 1, year, year + 1, organisation.school_year ?? year])].sort()
  const fields = (
    <>
      <TextInput {...form.field('kk')} label={t('setup.kk')} lang="kk" />
      <TextInput {...form.field('ru')} label={t('setup.ru')} lang="ru" />
      <TextInput {...form.field('en')} label={t('school.en')} lang="en" />
      <div className={classes.pair}>
        <NativeSelect
          {...select(form, 'kind')}
          label={t('setup.kind')}
          data={KINDS.map((kind) => ({ value: kind, label: t(`setup.kinds.${kind}`) }))}
        />
        <NativeSelect {...select(form, 'zone')} label={t('school.zone')} data={[...zones]} />
        <NativeSelect
          {...select(form, 'year')}
          label={t('classes.year')}
          description={t('school.yearText')}
          data={[
            { value: '', label: t('school.yearOfToday', { year: yearName(year) }) },
            ...years.map((one) => ({ value: String(one), label: yearName(one) })),
          ]}
        />
      </div>
    </>
  )
  if (!organisation.may.includes('organisation:change')) {
    return (
      <fieldset disabled className={`${classes.form} ${classes.narrow}`}>
        {fields}
      </fieldset>
    )
  }
  return (
    <section className={classes.narrow} aria-label={t('school.organisation')}>
      <Form task={task} submit={t('school.save')} reload={renew} send={() => void send()}>
        {fields}
      </Form>
    </section>
  )
}
