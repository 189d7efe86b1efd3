import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../base/errors'
import { named } from '../../base/i18n'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import { useTask } from '../school/context'
import { bankApi } from './api'
import { useEditing } from './context'
import { FaultsHere } from './fields/Faults'
import { Add } from './fields/Small'
import type { Directory } from './shapes'
import classes from './bank.module.css'

/** What the question asks for, of the directory of its subject; one that is missing there is added here. */
export function Objectives({ directory }: { directory: Directory | null }) {
  const { t } = useTranslation()
  const { item, change, disabled } = useEditing()
  const [adding, setAdding] = useState(false)
  const chosen = item.objectives ?? []
  const put = (objectives: string[]) => change((now) => ({ ...now, objectives }))
  const all = directory?.items ?? []
  const open = all.filter(({ subject, code }) => subject === item.subject && !chosen.includes(code))
  const nameOf = (code: string) => {
    const found = all.find((one) => one.code === code && (!item.subject || one.subject === item.subject))
    return found ? `${code} · ${named(found.names)}` : code
  }
  return (
    <div data-where="objectives" className={classes.stack}>
      <span className="sb-label">{t('bank.objectives')}</span>
      {chosen.length > 0 && (
        <ul className={classes.chips} aria-label={t('bank.objectives')}>
          {chosen.map((code) => (
            <li key={code}>
              {nameOf(code)}
              {!disabled && (
                <button type="button" aria-label={t('bank.remove', { name: code })} onClick={() => put(chosen.filter((one) => one !== code))}>
                  <Icon name="x" size={16} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!item.subject && <p className="muted sm">{t('bank.objectivesNeedSubject')}</p>}
      {open.length > 0 && (
        <NativeSelect
          aria-label={t('bank.addObjective')}
          value=""
          disabled={disabled}
          onChange={(event) => event.currentTarget.value && put([...chosen, event.currentTarget.value])}
          data={[{ value: '', label: t('bank.addObjective') }, ...open.map(({ code }) => ({ value: code, label: nameOf(code) }))]}
        />
      )}
      <FaultsHere where="objectives" />
      {item.subject && directory && !adding && <Add act={() => setAdding(true)}>{t('bank.newObjective')}</Add>}
      {adding && directory && item.subject && (
        <NewObjective
          subject={item.subject}
          organisation={directory.organisation_id}
          close={() => setAdding(false)}
          done={async (code) => {
            await directory.read()
            put([...chosen, code])
            setAdding(false)
          }}
        />
      )}
    </div>
  )
}

interface NewProps {
  subject: string
  organisation: string
  close: () => void
  done: (code: string) => Promise<void>
}

function NewObjective({ subject, organisation, close, done }: NewProps) {
  const { t } = useTranslation()
  const { api } = useServices()
  const task = useTask()
  const [code, setCode] = useState('')
  const [names, setNames] = useState({ kk: '', ru: '', en: '' })
  const add = () =>
    void task.run(async () => {
      const made = await bankApi(api.http).addObjective({ subject, code, names, organisation_id: organisation })
      await done(made.code)
    })
  return (
    <fieldset className={classes.gap}>
      <legend className="sb-label">{t('bank.newObjective')}</legend>
      <TextInput label={t('bank.objectiveCode')} placeholder="7.1.2.3" value={code} onChange={(event) => setCode(event.currentTarget.value)} />
      <TextInput label="Қазақша" lang="kk" value={names.kk} onChange={(event) => setNames({ ...names, kk: event.currentTarget.value })} />
      <TextInput label="Русский" lang="ru" value={names.ru} onChange={(event) => setNames({ ...names, ru: event.currentTarget.value })} />
      <TextInput label="English" lang="en" value={names.en} onChange={(event) => setNames({ ...names, en: event.currentTarget.value })} />
      {task.error !== null && <FieldError>{explain(task.error)}</FieldError>}
      <div className={classes.row}>
        <Button size="sm" variant="default" disabled={task.busy || !code.trim()} onClick={add}>
          {t('bank.add')}
        </Button>
        <Button size="sm" variant="subtle" onClick={close}>
          {t('common.cancel')}
        </Button>
      </div>
    </fieldset>
  )
}
