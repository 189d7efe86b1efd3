import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import type { BankView, ExamChoices, ExamView, ItemRow, ObjectiveView } from '../../../api/exams'
import { explain, isRefusal } from '../../../base/errors'
import { useModel, useValue } from '../../../base/react'
import { useMe } from '../../../me'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { useTask } from '../../school/context'
import { Ticks } from '../../school/form'
import { tell } from '../../school/tell'
import { dataOf, type Draft, type Lack, missing, ofKind } from '../draft'
import classes from '../exams.module.css'
import { Seg } from '../parts'
import { useExams } from '../use'
import { Counter } from './count'
import type { Form } from './form'
import { Found, useKept } from './Unsaved'
import { Commission, Takers } from './People'
import { Field, MoreMarking, MoreRules, MoreTime, Part } from './Rules'
import { Sections } from './Sections'
import { shortOf } from './short'

export interface Material {
  banks: readonly BankView[]
  objectives: readonly ObjectiveView[]
  choices: ExamChoices
  items: Readonly<Record<string, ItemRow>>
}

interface Props {
  initial: Draft
  material: Material
  /** None while it has never been kept. */
  exam?: ExamView
  readOnly?: boolean
  /** It was kept, or published. */
  kept: (exam: ExamView) => void
  /** Reads what somebody else saved. */
  reread?: () => void
}

/** Everything that is set of a test, the usual first and the rest below closed lines. */
export function SetUp({ initial, material, exam, readOnly = false, kept, reread }: Props) {
  const { t } = useTranslation()
  const exams = useExams()
  const { zone, id: me } = useMe()
  const [, go] = useLocation()
  const task = useTask()
  const keeping = useKept(initial, exam, readOnly)
  const { draft, setDraft } = keeping
  const [items, setItems] = useState(material.items)
  const [asked, setAsked] = useState(false)
  const counter = useModel((scope) => new Counter(scope, exams), [exams])
  useNames(draft, items, setItems)
  const form = useForm(draft, setDraft, material, counter, items, setItems, exam)
  if (!form) return null
  const lacks = missing(draft, (cell) => form.count.of(draft, cell))
  const save = () => {
    const data = dataOf(draft, zone, exam?.data.resit_of ?? null)
    return exam ? exams.change(exam.id, exam.version, data) : exams.create(data)
  }
  const send = async (then?: 'publish' | 'preview') => {
    setAsked(then === 'publish')
    if (then === 'publish' && lacks.length > 0) return
    await task.run(async () => {
      let made = await save()
      keeping.saved(draft, made)
      if (then === 'publish') {
        try {
          made = await exams.publish(made.id)
          keeping.saved(draft, made)
        } catch (error) {
          kept(made)
          throw error
        }
      }
      kept(made)
      if (then === 'preview') go(`/exams/${made.id}/preview`)
      else tell(t(then === 'publish' ? 'exams.published' : 'school.saved'))
    })
  }
  const state = exam?.state ?? 'draft'
  return (
    <form
      className={`${classes.form} ${classes.narrow}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void send(state === 'draft' ? 'publish' : undefined)
      }}
    >
      <Found keeping={keeping} initial={initial} />
      <fieldset disabled={keeping.offered} className={classes.form}>
      <First form={form} />
      <Part title={t('exams.questions')}>
        <Banks form={form} />
        <Sections form={form} />
      </Part>
      <Part title={t('exams.time')}>
        <div className={classes.pair}>
          <Field form={form} name="minutes" label={t('exams.minutes')} help={t('exams.minutesHelp')} />
          <Field form={form} name="closes" label={t('exams.closes')} help={t('exams.closesHelp')} />
        </div>
        <MoreTime form={form} />
      </Part>
      <Part title={t('exams.who')}>
        <Takers form={form} />
        <Commission form={form} me={me} />
      </Part>
      <Part title={t('exams.rules')}>
        <div>
          <MoreRules form={form} />
          <MoreMarking form={form} />
        </div>
      </Part>
      </fieldset>
      {asked && <Lacks lacks={lacks} />}
      {task.error !== null && !isRefusal(task.error, 'stale') && <Refused error={task.error} />}
      {!readOnly && !keeping.offered && state === 'draft' && (
        <div>
          <Button
            type="button"
            variant="subtle"
            disabled={task.busy || !draft.title.trim()}
            leftSection={<Icon name="eye" size={18} />}
            onClick={() => void send('preview')}
          >
            {t('exams.preview')}
          </Button>
        </div>
      )}
      {!readOnly && !keeping.offered && (
      <div className={classes.bar}>
        {isRefusal(task.error, 'stale') && (
          <div className={classes.stale}>
            <FieldError>{explain(task.error)}</FieldError>
            <p className="sm">{t('exams.keptHere')}</p>
          </div>
        )}
        {state === 'draft' && (
          <Button type="submit" disabled={task.busy}>
            {t('exams.publish')}
          </Button>
        )}
        <Button
          type="button"
          variant={state === 'draft' ? 'default' : 'filled'}
          disabled={task.busy || !draft.title.trim()}
          onClick={() => void send()}
        >
          {t(state === 'draft' ? 'exams.saveDraft' : 'school.save')}
        </Button>
        {isRefusal(task.error, 'stale') && reread && (
          <Button type="button" variant="subtle" onClick={reread}>
            {t('school.reload')}
          </Button>
        )}
      </div>
      )}
    </form>
  )
}

function useForm(
  draft: Draft,
  setDraft: (how: (before: Draft) => Draft) => void,
  { banks, objectives, choices }: Material,
  counter: Counter | undefined,
  items: Readonly<Record<string, ItemRow>>,
  setItems: (how: (before: Readonly<Record<string, ItemRow>>) => Readonly<Record<string, ItemRow>>) => void,
  exam: ExamView | undefined,
): Form | null {
  useValue(counter?.known ?? NONE)
  useEffect(() => void counter?.want(draft), [counter, draft.banks, draft.sections, draft.languages, draft.kind])
  if (!counter) return null
  return {
    draft,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    fixed: exam !== undefined && exam.state !== 'draft',
    banks,
    objectives,
    choices,
    count: counter,
    items,
    learn: (rows) =>
      setItems((before) => ({ ...before, ...Object.fromEntries(rows.map((one) => [one.id, one])) })),
  }
}

type Rows = Readonly<Record<string, ItemRow>>

/** Learns what picked questions are called: those of unsaved work are not known with the test. */
function useNames(draft: Draft, items: Rows, setItems: (how: (before: Rows) => Rows) => void): void {
  const exams = useExams()
  useEffect(() => {
    const picked = draft.sections.flatMap((section) => section.items.map(({ item }) => item))
    const unknown = picked.filter((id) => !(id in items))
    if (unknown.length === 0) return
    void exams.itemRows(unknown).then((rows) => setItems((before) => ({ ...before, ...Object.fromEntries(rows.map((one) => [one.id, one])) })))
  }, [draft.sections])
}

const EMPTY = {}
const NONE = { get: () => EMPTY, watch: () => () => undefined }

function First({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  return (
    <>
      <TextInput
        id="title"
        label={t('exams.name')}
        value={draft.title}
        maxLength={200}
        required
        withAsterisk={false}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      {draft.kind !== 'resit' && (
        <Seg
          label={t('exams.kind')}
          value={draft.kind}
          choices={[
            { value: 'exam', label: t('exams.kindOf.exam') },
            { value: 'practice', label: t('exams.kindOf.practice') },
          ]}
          change={(kind) => change(ofKind(draft, kind))}
          disabled={fixed}
        />
      )}
    </>
  )
}

function Banks({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed, banks } = form
  const [several, setSeveral] = useState(draft.banks.length > 1)
  if (banks.length === 0) {
    return (
      <p>
        {t('exams.noBanks')} <Link href="/bank">{t('exams.toBanks')}</Link>
      </p>
    )
  }
  if (several) {
    return (
      <div id="banks" tabIndex={-1}>
        <fieldset disabled={fixed}>
          <Ticks
            legend={t('exams.banks')}
            choices={banks.map((one) => ({ id: one.id, name: one.title, second: t('exams.bankHas', { count: one.items }) }))}
            chosen={new Set(draft.banks)}
            change={(chosen) => change({ banks: [...chosen] })}
          />
        </fieldset>
      </div>
    )
  }
  return (
    <div className={classes.ends}>
      <NativeSelect
        id="banks"
        className="grow"
        label={t('exams.bank')}
        value={draft.banks[0] ?? ''}
        disabled={fixed}
        onChange={(event) => change({ banks: event.currentTarget.value ? [event.currentTarget.value] : [] })}
        data={[
          { value: '', label: t('exams.chooseBank') },
          ...banks.map(({ id, title }) => ({ value: id, label: title })),
        ]}
      />
      {banks.length > 1 && !fixed && (
        <Button variant="default" onClick={() => setSeveral(true)}>
          {t('exams.moreBanks')}
        </Button>
      )}
    </div>
  )
}

/** What is still missing, in words, each a way to its field. */
function Lacks({ lacks }: { lacks: readonly Lack[] }) {
  const { t } = useTranslation()
  if (lacks.length === 0) return null
  const show = (id: string) => {
    const place = document.getElementById(id)
    for (let above = place?.parentElement; above; above = above.parentElement) {
      if (above instanceof HTMLDetailsElement) above.open = true
    }
    const field = place?.matches('input, select, [tabindex]') ? place : place?.querySelector<HTMLElement>('input, select')
    field?.focus()
    place?.scrollIntoView({ block: 'center' })
  }
  return (
    <div className="note attn" role="alert">
      <Icon name="triangle-alert" />
      <div className={classes.lacks}>
        <b>{t('exams.lacksTitle')}</b>
        <ul>
          {lacks.map(({ what, at, params }) => (
            <li key={`${what} ${at}`}>
              <a
                href={`#${at}`}
                onClick={(event) => {
                  event.preventDefault()
                  show(at)
                }}
              >
                {t(`exams.lacks.${what}`, params ?? {})}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** Why it was refused; of cells that the bank cannot fill, which. */
function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const short = shortOf(error)
  return (
    <div>
      <FieldError>{explain(error)}</FieldError>
      {short.length > 0 && (
        <ul className="sm">
          {short.map(({ section, objective, difficulty, found, wanted }) => (
            <li key={`${section} ${objective} ${difficulty}`}>
              {t('exams.lacks.shortOf', {
                nth: section + 1,
                objective: objective || t('exams.anyObjective'),
                found,
                wanted,
              })}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
