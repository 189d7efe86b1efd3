import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { currentLanguage } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { NotFound } from '../../ui/Lost'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { tell } from '../school/tell'
import { bankApi } from './api'
import { About } from './About'
import { Editor } from './Editor'
import { EditorModel, type Writing } from './editor'
import { type Kind, KINDS } from './plain'
import type { BankView, Directory, ItemView } from './shapes'
import classes from './bank.module.css'

/** `/items/new?bank=…` and `/items/:itemId`. */
export default function ItemPage({ itemId }: { itemId: string }) {
  const search = new URLSearchParams(useSearch())
  const version = Number(search.get('version')) || undefined
  const bank = search.get('bank') ?? ''
  const kind = KINDS.find((one) => one === search.get('kind')) ?? 'single'
  const nth = search.get('n') ?? ''
  if (itemId !== 'new') return <Existing key={`${itemId} ${version}`} itemId={itemId} version={version} />
  return bank ? <New key={`${bank} ${kind} ${nth}`} bankId={bank} kind={kind} nth={nth} /> : <NotFound />
}

function New({ bankId, kind, nth }: { bankId: string; kind: Kind; nth: string }) {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const [, go] = useLocation()
  const language = currentLanguage()
  const model = useModel(
    (scope) => new EditorModel(scope, bankApi(api.http), clock, sessionStorage, { bankId, kind }, language),
    [api, bankId, kind, nth],
  )
  const saved = (kept: ItemView, again: boolean, last: Kind) => {
    tell(t('bank.kept'))
    if (again) go(`/items/new?bank=${bankId}&kind=${last}&n=${Date.parse(kept.row.changed_at)}`, { replace: true })
    else go(`/items/${kept.row.id}`, { replace: true })
  }
  return model ? <Frame model={model} bankId={bankId} saved={saved} /> : null
}

function Existing({ itemId, version }: { itemId: string; version: number | undefined }) {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const [, go] = useLocation()
  const model = useModel(
    (scope) =>
      new EditorModel(scope, bankApi(api.http), clock, sessionStorage, { itemId, ...(version && { version }) }, currentLanguage()),
    [api, itemId, version],
  )
  const saved = (kept: ItemView, again: boolean, last: Kind) => {
    tell(t('bank.kept'))
    if (again) go(`/items/new?bank=${kept.row.bank_id}&kind=${last}`)
  }
  return model ? <Frame model={model} saved={saved} /> : null
}

interface FrameProps {
  model: EditorModel
  bankId?: string
  saved: (kept: ItemView, again: boolean, kind: Kind) => void
}

function Frame({ model, bankId, saved }: FrameProps) {
  const { t } = useTranslation()
  const state = useValue(model.state)
  const ready = state.phase === 'ready' ? state : null
  const title = ready?.kept ? titleOf(ready) || t('bank.question') : t('bank.newQuestion')
  const heading = usePage(title)
  const isNew = bankId !== undefined // then the focus is in the question
  const bank = bankId ?? ready?.kept?.row.bank_id ?? ''
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <Back bankId={bank} />
          <h1 ref={isNew ? null : heading} tabIndex={-1} className={classes.title}>
            {title}
          </h1>
        </div>
      </header>
      {state.phase === 'loading' && <Waiting>{t('app.loading')}</Waiting>}
      {state.phase === 'failed' && <Problem error={state.error} retry={() => void model.load()} />}
      {ready && <Ready model={model} now={ready} bankId={bank} saved={saved} />}
    </main>
  )
}

function titleOf({ kept }: Writing): string {
  const { kk, ru, en } = kept?.row.titles ?? { kk: '', ru: '', en: '' }
  return { kk, ru, en }[currentLanguage()] || kk || ru || en
}

/** The way back to the bank, by its name once that is known. */
function Back({ bankId }: { bankId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const banks = useModel((scope) => new Loaded<{ items: BankView[] }>(scope, () => bankApi(api.http).banks(true)), [api])
  return (
    <Link href={bankId ? `/bank/${bankId}` : '/bank'} className={classes.back}>
      <Icon name="arrow-left" size={18} />
      {banks ? <BankName banks={banks} bankId={bankId} /> : t('bank.title')}
    </Link>
  )
}

function BankName({ banks, bankId }: { banks: Loaded<{ items: BankView[] }>; bankId: string }) {
  const { t } = useTranslation()
  const read = useValue(banks.state)
  const found = read.phase === 'ready' ? read.value.items.find(({ id }) => id === bankId) : undefined
  return <>{found?.title ?? t('bank.title')}</>
}

interface ReadyProps {
  model: EditorModel
  now: Writing
  bankId: string
  saved: FrameProps['saved']
}

function Ready({ model, now, bankId, saved }: ReadyProps) {
  const { api } = useServices()
  const [language] = useState(currentLanguage)
  const directory = useDirectory(bankId)
  const { kept } = now
  const isOld = kept !== null && kept.shown_version !== kept.row.version
  const disabled = kept !== null && (isOld || !kept.may.includes('write') || kept.row.state === 'retired')
  const save = async (again: boolean) => {
    const { kind } = now.item.body
    const done = await model.save()
    if (done) saved(done, again, kind)
    return done !== null
  }
  return (
    <>
      {kept && <About kept={kept} changed={now.changed} show={(view) => model.show(view)} api={bankApi(api.http)} bank={bankId} />}
      {now.restored && <Restored />}
      <Editor model={model} now={now} bankId={bankId} directory={directory} language={language} disabled={disabled} save={save} />
    </>
  )
}

function Restored() {
  const { t } = useTranslation()
  return (
    <p className="note" role="status">
      <Icon name="rotate-ccw" />
      {t('bank.restored')}
    </p>
  )
}

/** Subjects and objectives of the organisation; null until they are there, or where they could not be read. */
function useDirectory(bankId: string): Directory | null {
  const { api } = useServices()
  const [found, setFound] = useState<Directory | null>(null)
  useModel(
    (scope) => {
      const read = async () => {
        const bank = await bankApi(api.http).banks(true).then(({ items }) => items.find(({ id }) => id === bankId), () => undefined)
        const list = await bankApi(api.http).objectives(bank?.organisation_id).catch(() => null)
        if (list && !scope.ended) setFound({ ...list, read })
      }
      void read()
      return {}
    },
    [api, bankId],
  )
  return found
}

