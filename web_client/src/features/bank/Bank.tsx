import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { compareNames } from '../../base/format'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { NotFound } from '../../ui/Lost'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Empty } from '../school/Frame'
import { Loaded } from '../school/loaded'
import { bankApi } from './api'
import { ChangeBank } from './BankDialog'
import { ExportDialog } from './ExportDialog'
import { ImportDialog } from './ImportDialog'
import { LANGUAGE_NAMES } from './context'
import { DIFFICULTIES, type Filter, filterOf, ItemsModel, searchOf, STATES } from './list'
import { Many, Told } from './Many'
import { ManyModel } from './many'
import { KINDS } from './plain'
import { Rows } from './Rows'
import type { BankView, ItemRow, ItemsPage, ObjectiveList } from './shapes'
import classes from './bank.module.css'

/** Milliseconds without a key until what is typed is looked for. */
const REST = 300

/** `/bank/:bankId`: its questions, and what one does with all of them. */
export default function Bank({ bankId }: { bankId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel(
    (scope) =>
      new Loaded<{ bank: BankView | undefined; directory: ObjectiveList | null }>(scope, async () => {
        const { items } = await bankApi(api.http).banks(true)
        const bank = items.find(({ id }) => id === bankId)
        const directory = bank ? await bankApi(api.http).objectives(bank.organisation_id).catch(() => null) : null
        return { bank, directory }
      }),
    [api, bankId],
  )
  if (!loaded) return null
  return <Known loaded={loaded} loading={t('app.loading')} />
}

function Known({ loaded, loading }: { loaded: Loaded<{ bank: BankView | undefined; directory: ObjectiveList | null }>; loading: string }) {
  const read = useValue(loaded.state)
  if (read.phase === 'ready' && !read.value.bank) return <NotFound />
  if (read.phase === 'ready') {
    return <Page bank={read.value.bank!} directory={read.value.directory} reread={() => loaded.read()} />
  }
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      {read.phase === 'loading' ? <Waiting>{loading}</Waiting> : <Problem error={read.error} retry={() => loaded.again()} />}
    </main>
  )
}

interface PageProps {
  bank: BankView
  directory: ObjectiveList | null
  /** The bank is otherwise than it was read. */
  reread: () => Promise<void>
}

function Page({ bank, directory, reread }: PageProps) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const search = useSearch()
  const filter = filterOf(search)
  const heading = usePage(bank.title)
  const [asks, setAsks] = useState<'import' | 'export' | 'change' | null>(null)
  const model = useModel(
    (scope) => new ItemsModel(scope, (wanted) => bankApi(api.http).items(bank.id, wanted) as Promise<ItemsPage>, filter),
    [api, bank.id],
  )
  const many = useModel((scope) => new ManyModel(scope, (wanted) => bankApi(api.http).setStates(bank.id, wanted)), [api, bank.id])
  useEffect(() => {
    model?.choose(filter)
    many?.clear()
  }, [model, many, search])
  const choose = (next: Filter) => go(`/bank/${bank.id}${searchOf(next)}`, { replace: true })
  const writes = bank.may.includes('write')
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <Link href="/bank" className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {t('bank.title')}
          </Link>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {bank.title}
          </h1>
          <p className="muted sm">
            {t(bank.shared ? 'bank.shared' : 'bank.own')}
            {bank.archived && ` · ${t('bank.archived')}`}
          </p>
        </div>
        {bank.may.includes('change') && (
          <Button variant="default" leftSection={<Icon name="settings" size={18} />} onClick={() => setAsks('change')}>
            {t('bank.changeBank')}
          </Button>
        )}
        {writes && (
          <>
            <Button variant="default" leftSection={<Icon name="upload" size={18} />} onClick={() => setAsks('import')}>
              {t('bank.import')}
            </Button>
            <Button variant="default" leftSection={<Icon name="download" size={18} />} onClick={() => setAsks('export')}>
              {t('bank.export')}
            </Button>
            <Button component={Link} href={`/items/new?bank=${bank.id}`} leftSection={<Icon name="plus" size={18} />}>
              {t('bank.newQuestion')}
            </Button>
          </>
        )}
      </header>
      <Filters filter={filter} choose={choose} directory={directory} />
      {model && many && <List model={model} many={many} filter={filter} choose={choose} directory={directory} bank={bank} />}
      {asks === 'import' && <ImportDialog bankId={bank.id} close={() => setAsks(null)} done={() => void model?.read()} />}
      {asks === 'change' && <ChangeBank bank={bank} close={() => setAsks(null)} done={reread} />}
      {asks === 'export' && <ExportDialog bankId={bank.id} close={() => setAsks(null)} />}
    </main>
  )
}

interface FiltersProps {
  filter: Filter
  choose: (filter: Filter) => void
  directory: ObjectiveList | null
}

function Filters({ filter, choose, directory }: FiltersProps) {
  const { t } = useTranslation()
  const set = (part: { [K in keyof Filter]?: Filter[K] | '' | undefined }) => choose(filterOf(searchOf({ ...filter, ...part } as Filter)))
  const subjects = (directory?.subjects ?? [])
    .map(({ code, names }) => ({ value: code, label: named(names) }))
    .sort((a, b) => compareNames(a.label, b.label))
  const objectives = (directory?.items ?? []).filter(({ subject }) => subject === filter.subject)
  const any = (label: string) => ({ value: '', label })
  const narrowed = searchOf({ ...filter, search: '' })
  return (
    <search className={classes.filters}>
      <Search value={filter.search ?? ''} change={(text) => set({ search: text })} />
      <details className={classes.more} open={narrowed !== ''}>
        <summary>
          <Icon name="sliders" size={18} />
          {t('bank.filters')}
        </summary>
        <div className={classes.filterRow}>
          <NativeSelect label={t('bank.kind.label')} value={filter.kind ?? ''} onChange={(event) => set({ kind: event.currentTarget.value })} data={[any(t('bank.all')), ...KINDS.map((value) => ({ value, label: t(`bank.kind.${value}`) }))]} />
          <NativeSelect label={t('bank.state.label')} value={filter.state ?? ''} onChange={(event) => set({ state: event.currentTarget.value })} data={[any(t('bank.allButRetired')), ...STATES.map((value) => ({ value, label: t(`bank.state.${value}`) }))]} />
          <NativeSelect label={t('bank.subject')} value={filter.subject ?? ''} onChange={(event) => set({ subject: event.currentTarget.value, objective: '' })} data={[any(t('bank.all')), ...subjects]} />
          {objectives.length > 0 && (
            <NativeSelect label={t('bank.objective')} value={filter.objective ?? ''} onChange={(event) => set({ objective: event.currentTarget.value })} data={[any(t('bank.all')), ...objectives.map(({ code, names }) => ({ value: code, label: `${code} · ${named(names)}` }))]} />
          )}
          <NativeSelect label={t('bank.difficulty')} value={String(filter.difficulty ?? '')} onChange={(event) => set({ difficulty: Number(event.currentTarget.value) || undefined })} data={[any(t('bank.all')), ...DIFFICULTIES.map((value) => ({ value: String(value), label: t(`bank.level5.${value}`) }))]} />
          <NativeSelect label={t('bank.writtenIn')} value={filter.language ?? ''} onChange={(event) => set({ language: event.currentTarget.value })} data={[any(t('bank.all')), ...Object.entries(LANGUAGE_NAMES).map(([value, label]) => ({ value, label }))]} />
        </div>
      </details>
    </search>
  )
}

function Search({ value, change }: { value: string; change: (text: string) => void }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const [typed, setTyped] = useState(value)
  useEffect(() => {
    if (typed.trim() !== value) return clock.after(REST, () => change(typed.trim()))
    return undefined
  }, [typed])
  return (
    <TextInput
      type="search"
      className={classes.search ?? ''}
      label={t('bank.search')}
      leftSection={<Icon name="search" size={18} />}
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  )
}

interface ListProps extends FiltersProps {
  model: ItemsModel
  many: ManyModel
  bank: BankView
}

function List({ model, many, filter, choose, directory, bank }: ListProps) {
  const { t } = useTranslation()
  const list = useValue(model.state)
  const choice = useValue(many.state)
  if (list.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (list.phase === 'failed') return <Problem error={list.error} retry={() => model.again()} />
  const filtered = searchOf(filter) !== ''
  const chooses = bank.may.includes('write') || bank.may.includes('review')
  const choosing = {
    has: ({ id }: { id: string }) => choice.all !== null || choice.chosen.has(id),
    toggle: (row: ItemRow) => many.toggle(row, list.items),
  }
  const forget = () => {
    many.clear()
    document.getElementById('main')?.focus({ preventScroll: true })
  }
  const told = choice.report && <Told report={choice.report} close={forget} />
  if (list.items.length === 0 && !filtered) {
    return (
      <>
        {told}
        <Empty title={t('bank.noQuestions')} text={t('bank.noQuestionsText')}>
          {bank.may.includes('write') && (
            <Button component={Link} href={`/items/new?bank=${bank.id}`} variant="default">
              {t('bank.firstQuestion')}
            </Button>
          )}
        </Empty>
      </>
    )
  }
  return (
    <>
      {told}
      <p className="muted sm" role="status" data-total={list.total}>
        {t('bank.countOf', { count: list.total })}
        {filtered && (
          <>
            {' · '}
            <button type="button" className={classes.link} onClick={() => choose({})}>
              {t('bank.showAll')}
            </button>
          </>
        )}
      </p>
      {chooses && list.items.length > 0 && (
        <Many many={many} list={list} filter={filter} may={bank.may} done={() => void model.read()} />
      )}
      <Rows items={list.items} directory={directory && { subjects: directory.subjects }} choosing={chooses ? choosing : undefined} />
      {list.error !== null && <Problem error={list.error} />}
      {list.next && (
        <div>
          <Button variant="default" disabled={list.busy} onClick={() => void model.more()}>
            {t('bank.more')}
          </Button>
        </div>
      )}
    </>
  )
}
