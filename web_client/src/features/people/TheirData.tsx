import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OnRoll } from '../../api/types'
import { dayOf, partsOf } from '../../base/format'
import { isRefusal, Refusal } from '../../base/errors'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Problem } from '../../ui/Problem'
import { keepAsFile } from '../locks/MyData'
import { useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { isErased, keptOf, nameOf, sameName } from './model'

interface Props {
  person: OnRoll
  reread: () => void
}

/** All that is kept about somebody, as a file; and its erasure, once the person is removed. */
export function TheirData({ person, reread }: Props) {
  const { t } = useTranslation()
  const { keepsPeople } = useSchool()
  const { api } = useServices()
  const task = useTask()
  const me = useMe()
  const [asking, setAsking] = useState(false)
  const close = () => setAsking(false)
  if (!keepsPeople || person.id === me.id || isErased(person)) return null
  const take = () =>
    task.run(async () => {
      const data = await api.dataOf(person.id)
      keepAsFile(`sabaq-${person.login || person.id}.json`, JSON.stringify(data, null, 2))
    })
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-label={t('personal.title')}>
      <h2>{t('personal.title')}</h2>
      <p className="muted sm">{t('personal.text')}</p>
      {task.error !== null && <Problem error={task.error} />}
      <div className={classes.row}>
        <Button
          variant="default"
          disabled={task.busy}
          onClick={() => void take()}
        >
          {t('personal.export')}
        </Button>
        {!person.active && (
          <Button variant="default" onClick={() => setAsking(true)}>
            {t('personal.erase')}
          </Button>
        )}
      </div>
      {person.active && <p className="muted sm">{t('personal.removeFirst')}</p>}
      {asking && (
        <Erase
          person={person}
          close={close}
          done={() => {
            close()
            tell(t('personal.erased'))
            reread()
          }}
        />
      )}
    </section>
  )
}

function Erase({ person, close, done }: { person: OnRoll; close: () => void; done: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const task = useTask()
  const [wrong, setWrong] = useState(false)
  const form = useFields({ name: '' }, ['name'])
  const name = nameOf(person)
  const send = async () => {
    if (!form.complete()) return
    const fits = sameName(form.values.name, name)
    setWrong(!fits)
    if (fits && (await task.run(() => api.erasePerson(person.id)))) done()
  }
  return (
    <Ask
      title={t('personal.erase')}
      close={close}
      task={task}
      submit={t('personal.eraseAction')}
      stops
      beside={{ kept_by_law: 'name' }}
      send={() => void send()}
    >
      <p>
        <b>{name}</b>
      </p>
      <div>
        <h3>{t('personal.goes')}</h3>
        <ul className={classes.points}>
          <li>{t('personal.goesNames')}</li>
          <li>{t('personal.goesLogin')}</li>
          <li>{t('personal.goesRoles')}</li>
        </ul>
      </div>
      <div>
        <h3>{t('personal.stays')}</h3>
        <ul className={classes.points}>
          {keptOf(person).map((what) => (
            <li key={what}>{t(`personal.kept.${what}`)}</li>
          ))}
        </ul>
      </div>
      <p>{t('personal.forGood')}</p>
      <TextInput
        {...form.field('name')}
        label={t('personal.typeName', { name })}
        autoComplete="off"
        {...(wrong && { error: t('personal.otherName') })}
      />
      <KeptByLaw error={task.error} />
    </Ask>
  )
}

/** Until when the log must name the person, and why. */
function KeptByLaw({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const { organisation } = useSchool()
  if (!(error instanceof Refusal) || !isRefusal(error, 'kept_by_law')) return null
  const until = String(error.params.until)
  const { year } = partsOf(until, organisation.zone)
  return <FieldError>{t('personal.keptByLaw', { day: dayOf(until, organisation.zone), year })}</FieldError>
}
