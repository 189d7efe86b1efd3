import { Button, NativeSelect } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Language } from '../../api/types'
import { explain, isRefusal } from '../../base/errors'
import { LANGUAGES } from '../../base/i18n'
import { useServices } from '../../services'
import { FieldError } from '../../ui/FieldError'
import { bankApi } from './api'
import { EditingContext, LANGUAGE_NAMES, useEditing } from './context'
import { changeKind, freeGap, gapBody, gapsIn, isBlank, languagesOf, missingIn } from './draft'
import type { EditorModel, Writing } from './editor'
import { Details } from './Details'
import { toTell } from './faults'
import { FaultList } from './fields/Faults'
import { WordsField } from './fields/Words'
import { Choices, TrueOrFalse } from './kinds/Choices'
import { ByHand } from './kinds/ByHand'
import { ClozeGaps, TableCells } from './kinds/Gaps'
import { FormulaKey, NumericLine, ShortLine } from './kinds/Lines'
import { Order, Pairs } from './kinds/Pairs'
import { Spots, Zones } from './kinds/Pictures'
import { type Kind, KINDS } from './plain'
import { Preview } from './Preview'
import type { Directory } from './shapes'
import classes from './bank.module.css'

interface Props {
  model: EditorModel
  now: Writing
  bankId: string
  directory: Directory | null
  /** The language of the page, in which a new question is begun. */
  language: Language
  disabled: boolean
  /** Keeps it; `again`: another one is to be written. */
  save: (again: boolean) => Promise<boolean>
}

/** A question with all its fields, and beside it what a learner will see. */
export function Editor({ model, now, bankId, directory, language, disabled, save }: Props) {
  const { api } = useServices()
  const { item, kept } = now
  const [all, tellAll] = useState(kept !== null)
  const [languages, setLanguages] = useState<readonly Language[]>(() => firstLanguages(now, language))
  const faults = toTell(now.faults, all)
  const editing = useMemo(
    () => ({
      item,
      change: (part: Parameters<EditorModel['change']>[0]) => model.change(part),
      languages,
      faults,
      media: now.media,
      disabled,
      add: async (file: File) => {
        const { sha256, name, type, url } = await bankApi(api.http).addMedia(bankId, file)
        model.placeMedia(sha256, url)
        return { kind: 'media' as const, sha256, name, type, url }
      },
    }),
    [item, languages, now.faults, all, now.media, disabled],
  )
  const keep = async (again: boolean) => {
    tellAll(true)
    if (await save(again)) return
  }
  useSaveKey(() => void keep(false), disabled)
  return (
    <EditingContext value={editing}>
      <div className={classes.editor}>
        <div className={classes.form} data-checked={now.checked}>
          <Head languages={languages} setLanguages={setLanguages} />
          <Prompt model={model} isNew={kept === null && !now.restored} />
          {keyOf(item.body.kind)}
          <Details directory={directory} />
        </div>
        <aside className={classes.side}>
          <FaultList faults={faults} />
          <Preview model={model} now={now} />
        </aside>
      </div>
      {!disabled && <Bar now={now} keep={keep} giveUp={() => model.giveUp()} />}
    </EditingContext>
  )
}

/** Those that the question is written in; a new one is begun in the language of the page. */
function firstLanguages({ item }: Writing, language: Language): readonly Language[] {
  const has = languagesOf(item.prompt)
  return has.length === 0 || has.includes(language) ? [language] : [has[0]!]
}

function keyOf(kind: Kind) {
  switch (kind) {
    case 'single':
    case 'multiple':
      return <Choices />
    case 'true_false':
      return <TrueOrFalse />
    case 'short':
      return <ShortLine />
    case 'numeric':
      return <NumericLine />
    case 'formula':
      return <FormulaKey />
    case 'matching':
      return <Pairs />
    case 'ordering':
      return <Order />
    case 'cloze':
      return <ClozeGaps />
    case 'table':
      return <TableCells />
    case 'hotspot':
      return <Spots />
    case 'drag_onto':
      return <Zones />
    case 'essay':
    case 'file':
    case 'spoken':
      return <ByHand />
  }
}

interface HeadProps {
  languages: readonly Language[]
  setLanguages: (languages: readonly Language[]) => void
}

/** What kind it is, and in which languages one writes. */
function Head({ languages, setLanguages }: HeadProps) {
  const { t } = useTranslation()
  const { item, change, disabled } = useEditing()
  const side = languages.length > 1
  const pick = (one: Language) => {
    if (!side) return setLanguages([one])
    const next = LANGUAGES.filter((other) => (other === one ? !languages.includes(one) : languages.includes(other)))
    setLanguages(next.length ? next : languages)
  }
  const both = () => {
    const has = languagesOf(item.prompt)
    const wanted = LANGUAGES.filter((one) => has.includes(one) || languages.includes(one))
    setLanguages(side ? languages.slice(0, 1) : wanted.length > 1 ? wanted : LANGUAGES.slice(0, 2))
  }
  return (
    <div className={classes.head}>
      <NativeSelect
        label={t('bank.kind.label')}
        value={item.body.kind}
        disabled={disabled}
        onChange={(event) => {
          const kind = event.currentTarget.value as Kind
          change((now) => changeKind(now, kind))
        }}
        data={KINDS.map((value) => ({ value, label: t(`bank.kind.${value}`) }))}
      />
      <div className={classes.stack}>
        <span className="sb-label" id="languages">
          {t('bank.languages')}
        </span>
        <div className={classes.row}>
          <div className="seg" role="group" aria-labelledby="languages">
            {LANGUAGES.map((one) => (
              <button key={one} type="button" aria-pressed={languages.includes(one)} data-language-tab={one} onClick={() => pick(one)}>
                {LANGUAGE_NAMES[one]}
                <Lacks language={one} />
              </button>
            ))}
          </div>
          <button type="button" className={`${classes.link} sm`} aria-pressed={side} onClick={both}>
            {t(side ? 'bank.oneLanguage' : 'bank.sideBySide')}
          </button>
        </div>
        <Missing />
      </div>
    </div>
  )
}

/** How many texts a language lacks, beside its name. */
function Lacks({ language }: { language: Language }) {
  const { t } = useTranslation()
  const { item } = useEditing()
  if (!languagesOf(item.prompt).includes(language)) return null
  const count = missingIn(item, language)
  return count > 0 ? (
    <span className={`count ${classes.lacks}`}>
      <span aria-hidden="true">{count}</span>
      <span className="vh">{t('bank.lacks', { count })}</span>
    </span>
  ) : (
    <span className={classes.whole}>
      <span aria-hidden="true">✓</span>
      <span className="vh">{t('bank.isWhole')}</span>
    </span>
  )
}

/** Which languages still lack something, in a sentence. */
function Missing() {
  const { t } = useTranslation()
  const { item } = useEditing()
  const lacking = languagesOf(item.prompt)
    .map((one) => ({ one, count: missingIn(item, one) }))
    .filter(({ count }) => count > 0)
  if (lacking.length === 0) return null
  return (
    <p className="muted sm" data-missing={lacking.map(({ one }) => one).join()}>
      {lacking.map(({ one, count }) => `${LANGUAGE_NAMES[one]}: ${t('bank.lacks', { count })}`).join(' · ')}
    </p>
  )
}

function Prompt({ model, isNew }: { model: EditorModel; isNew: boolean }) {
  const { t } = useTranslation()
  const { item, change } = useEditing()
  const { body } = item
  const gap = () => {
    if (body.kind !== 'cloze') return ''
    const all = gapsIn(item.prompt, body.gaps)
    const id = freeGap(all)
    model.change((now) => ({ ...now, body: { ...body, gaps: [...all, { id, body: gapBody('short') }] } }))
    return id
  }
  return (
    <WordsField
      label={t('bank.place.prompt')}
      where="prompt"
      words={item.prompt}
      rows={3}
      blocks
      autoFocus={isNew}
      onChange={(prompt) => change((now) => ({ ...now, prompt }))}
      {...(body.kind === 'cloze' && { gap, help: t('bank.clozeHelp', { sign: '[[1]]' }) })}
    />
  )
}

/** Ctrl+S keeps the question. */
function useSaveKey(save: () => void, disabled: boolean): void {
  const last = useRef(save)
  last.current = save
  useEffect(() => {
    if (disabled) return
    const heard = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      last.current()
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [disabled])
}

interface BarProps {
  now: Writing
  keep: (again: boolean) => Promise<void>
  giveUp: () => void
}

function Bar({ now, keep, giveUp }: BarProps) {
  const { t } = useTranslation()
  const { changed, saving, error, kept, item } = now
  const idle = saving || (kept !== null && !changed) || (kept === null && isBlank(item))
  const state = saving ? 'saving' : changed ? 'unsaved' : kept ? 'saved' : 'empty'
  return (
    <div className={classes.bar} data-state={state}>
      <span className={`thread ${changed ? 'weak' : ''} ${classes.saved}`} role="status">
        {state !== 'empty' && <i aria-hidden="true" />}
        {t(`bank.keeping.${state}`)}
      </span>
      {error !== null && <FieldError>{isRefusal(error, 'item_unfit') ? t('bank.unfitToKeep') : explain(error)}</FieldError>}
      {changed && (
        <Button variant="subtle" disabled={saving} onClick={giveUp}>
          {t('bank.giveUp')}
        </Button>
      )}
      {state === 'saved' ? (
        <Button variant="default" component={Link} href={`/items/new?bank=${kept?.row.bank_id}&kind=${item.body.kind}`}>
          {t('bank.newQuestion')}
        </Button>
      ) : (
        <>
          <Button variant="default" disabled={idle} onClick={() => void keep(true)}>
            {t('bank.saveAndNext')}
          </Button>
          <Button disabled={idle} data-save="" onClick={() => void keep(false)}>
            {t('bank.save')}
            <span className={`kbd hide-p ${classes.key}`}>Ctrl S</span>
          </Button>
        </>
      )}
    </div>
  )
}
