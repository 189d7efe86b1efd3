import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearch } from 'wouter'
import type { Language } from '../../api/types'
import { currentLanguage } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { FieldError } from '../../ui/FieldError'
import { useSchool, useTask } from '../school/context'
import { Frame } from '../school/Frame'
import classes from '../school/school.module.css'
import { bytesOf, ImportModel, isEmpty, KINDS, kindIn } from './model'
import { Outcome, problemOf } from './Outcome'

/** A list pasted or chosen as a file: checked row by row, then taken. */
export default function Import() {
  const { t } = useTranslation()
  const { api, year, today, organisation, keepsPlan } = useSchool()
  const [kind] = useState(kindIn(useSearch()))
  const model = useModel(
    (scope) => new ImportModel(scope, api, year, today, kind, currentLanguage()),
    [organisation.id, year],
  )
  return (
    <Frame title={t('import.title')} second={t('import.text')}>
      {!keepsPlan && <p className="muted">{t('error.forbidden')}</p>}
      {model && keepsPlan && <Inside model={model} />}
    </Frame>
  )
}

function Inside({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { draft, busy, error, unfit, report } = useValue(model.state)
  return (
    <>
      <div className={classes.row}>
        <div className="seg" role="group" aria-label={t('import.what')}>
          {KINDS.map((kind) => (
            <button
              key={kind}
              type="button"
              aria-pressed={draft.kind === kind}
              onClick={() => model.begin(kind)}
            >
              {t(`import.kind.${kind}`)}
            </button>
          ))}
        </div>
        <Template model={model} />
      </div>
      <section className={`${classes.form} ${classes.narrow}`} aria-label={t('import.list')}>
        <p className="muted sm">{t(`import.columns.${draft.kind}`)}</p>
        <FileOrText model={model} />
        <Days model={model} />
        {unfit && <FieldError>{t(`import.unfit.${unfit}`)}</FieldError>}
        {error !== null && <FieldError>{problemOf(error, t)}</FieldError>}
        {!report && (
          <div className={classes.row}>
            <Button disabled={busy || isEmpty(draft)} onClick={() => void model.check()}>
              {t('import.check')}
            </Button>
            {busy && (
              <span className="muted sm" role="status">
                {t('import.checking')}
              </span>
            )}
          </div>
        )}
      </section>
      <Outcome model={model} />
    </>
  )
}

function FileOrText({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { draft } = useValue(model.state)
  return (
    <>
      {draft.file ? (
        <div className={classes.row} data-file={draft.file.name}>
          <Icon name="clipboard-check" />
          <span className="grow">{draft.file.name}</span>
          <Button variant="subtle" size="sm" onClick={() => model.change({ file: null })}>
            {t('import.otherFile')}
          </Button>
        </div>
      ) : (
        <>
          <Textarea
            label={t('import.paste')}
            placeholder={t(`import.example.${draft.kind}`)}
            value={draft.text}
            rows={6}
            spellCheck={false}
            onChange={(event) => model.change({ text: event.currentTarget.value })}
          />
          <label className={`tap ${classes.file}`}>
            <Icon name="upload" size={18} />
            <span>{t('import.choose')}</span>
            <input
              type="file"
              className="vh"
              accept=".xlsx,.xls,.ods"
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? []
                if (file) void model.choose(file)
              }}
            />
          </label>
        </>
      )}
    </>
  )
}

function Days({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { draft } = useValue(model.state)
  if (draft.kind !== 'people' && draft.kind !== 'lessons') return null
  return (
    <div className={classes.pair}>
      <TextInput
        type="date"
        label={t(`import.first.${draft.kind}`)}
        value={draft.first}
        onChange={(event) => model.change({ first: event.currentTarget.value })}
      />
      {draft.kind === 'people' && (
        <NativeSelect
          label={t('import.language')}
          value={draft.language}
          onChange={(event) => model.change({ language: event.currentTarget.value as Language })}
          data={[
            { value: 'kk', label: 'Қазақша' },
            { value: 'ru', label: 'Русский' },
            { value: 'en', label: 'English' },
          ]}
        />
      )}
      {draft.kind === 'lessons' && (
        <TextInput
          type="date"
          label={t('import.until')}
          value={draft.until}
          onChange={(event) => model.change({ until: event.currentTarget.value })}
        />
      )}
    </div>
  )
}

function Template({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { draft } = useValue(model.state)
  const task = useTask()
  const download = () =>
    task.run(async () => {
      const { name, content } = await api.template(draft.kind, currentLanguage())
      const url = URL.createObjectURL(new Blob([bytesOf(content)]))
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.click()
      URL.revokeObjectURL(url)
    })
  return (
    <>
      <Button
        size="sm"
        variant="default"
        disabled={task.busy}
        onClick={() => void download()}
      >
        {t('import.template')}
      </Button>
      {task.error !== null && <FieldError>{problemOf(task.error, t)}</FieldError>}
    </>
  )
}
