import { Button, Textarea } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect } from 'wouter'
import type { ExamView } from '../../api/exams'
import { dayOf, timeOf } from '../../base/format'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Waiting } from '../../ui/Waiting'
import { useTask } from '../school/context'
import { Ask } from '../school/form'
import { Shown } from '../school/Frame'
import { tell } from '../school/tell'
import { draftOf } from './draft'
import { firstOf, type Tab, tabsOf } from './tabs'
import classes from './exams.module.css'
import { SetUp } from './setup/SetUp'
import Takers from './takers/View'
import { useExams, useLoaded } from './use'
import Watch from './watch/View'

const Marking = lazy(() => import('./marking/View'))
const Results = lazy(() => import('./results/View'))

const NAME: Record<Tab, string> = {
  'set-up': 'exams.tab.setUp',
  takers: 'exams.tab.takers',
  now: 'exams.tab.now',
  marking: 'exams.tab.marking',
  results: 'exams.tab.results',
}

/** One test, for its commission and for who reads all of them. */
export default function One({ id, tab }: { id: string; tab: string | undefined }) {
  const exams = useExams()
  const exam = useLoaded(() => exams.read(id), [id], true)
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <Shown list={exam}>{(found) => <Inside exam={found} tab={tab} reread={() => void exam.read()} />}</Shown>
    </main>
  )
}

interface Props {
  exam: ExamView
  tab: string | undefined
  reread: () => void
}

function Inside({ exam, tab, reread }: Props) {
  const { t } = useTranslation()
  const tabs = tabsOf(exam)
  const heading = usePage(exam.data.title)
  const first = firstOf(exam)
  const open = tabs.find((one) => one === tab)
  if (!open && first) return <Redirect to={`/exams/${exam.id}/${first}`} replace />
  return (
    <>
      <header className={classes.top}>
        <div className="grow">
          <Link href="/exams" className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {t('nav.exams')}
          </Link>
          <h1 ref={heading} tabIndex={-1}>
            {exam.data.title}
          </h1>
          <Second exam={exam} />
        </div>
        <Acts exam={exam} reread={reread} />
      </header>
      {tabs.length > 1 && (
        <nav className={classes.tabs} aria-label={exam.data.title}>
          {tabs.map((one) => (
            <Link
              key={one}
              href={`/exams/${exam.id}/${one}`}
              className={one === open ? classes.on : ''}
              aria-current={one === open ? 'page' : undefined}
            >
              {t(NAME[one])}
            </Link>
          ))}
        </nav>
      )}
      {!open && <p className="muted">{t('exams.notYours')}</p>}
      <Suspense fallback={<Waiting>{t('app.loading')}</Waiting>}>
        {open === 'set-up' && <Change exam={exam} reread={reread} />}
        {open === 'takers' && <Takers exam={exam} />}
        {open === 'now' && <Watch exam={exam} />}
        {open === 'marking' && <Marking exam={exam} />}
        {open === 'results' && <Results exam={exam} reread={reread} />}
      </Suspense>
    </>
  )
}

function Second({ exam }: { exam: ExamView }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { state, data, takers } = exam
  const moment = (at: string) => `${dayOf(at, zone)}, ${timeOf(at, zone)}`
  return (
    <p className={`${classes.second} sm muted`}>
      <span className={`st ${state === 'published' ? 'ok' : ''}`} data-exam-state={state}>
        {t(`exams.examState.${state}`)}
      </span>
      {data.kind !== 'exam' && <span>{t(`exams.kindOf.${data.kind}`)}</span>}
      <span>{t('exams.questionsCount', { count: exam.questions })}</span>
      {state !== 'draft' && <span>{t('exams.learners', { count: takers })}</span>}
      {data.opens_at && <span>{t('exams.from', { at: moment(data.opens_at) })}</span>}
      {data.closes_at && <span>{t('exams.until', { at: moment(data.closes_at) })}</span>}
    </p>
  )
}

function Acts({ exam, reread }: { exam: ExamView; reread: () => void }) {
  const { t } = useTranslation()
  const [cancelling, setCancelling] = useState(false)
  if (exam.part !== 'chair' || exam.state === 'cancelled') return null
  return (
    <div className={classes.row}>
      {exam.state !== 'draft' && (
        <Link href={`/exams/${exam.id}/preview`} className="tap">
          <Icon name="eye" size={18} />
          {t('exams.preview')}
        </Link>
      )}
      <Link href={`/exams/${exam.id}/sheet`} className="tap">
        <Icon name="printer" size={18} />
        {t('exams.sheet')}
      </Link>
      {exam.state !== 'released' && (
        <Button variant="subtle" size="sm" onClick={() => setCancelling(true)}>
          {t('exams.cancel')}
        </Button>
      )}
      {cancelling && <Cancel exam={exam} close={() => setCancelling(false)} done={reread} />}
    </div>
  )
}

function Cancel({ exam, close, done }: { exam: ExamView; close: () => void; done: () => void }) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [why, setWhy] = useState('')
  const [sent, setSent] = useState(false)
  const send = async () => {
    setSent(true)
    if (!why.trim() || !(await task.run(() => exams.cancel(exam.id, why.trim())))) return
    tell(t('exams.cancelled'))
    done()
    close()
  }
  return (
    <Ask title={t('exams.cancel')} close={close} task={task} submit={t('exams.cancelDo')} stops send={() => void send()}>
      <p>{t('exams.cancelText')}</p>
      <Textarea
        label={t('exams.why')}
        value={why}
        maxLength={1000}
        rows={2}
        error={sent && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}

/** The set-up as it is kept; only its chair changes it. */
function Change({ exam, reread }: { exam: ExamView; reread: () => void }) {
  const { zone } = useMe()
  const exams = useExams()
  const picked = exam.data.sections.flatMap(({ items }) => items.map(({ item_id }) => item_id))
  const material = useLoaded(() => exams.material(picked), [exam.id])
  const may = exam.part === 'chair' && (exam.state === 'draft' || exam.state === 'published')
  return (
    <Shown list={material}>
      {(found) => (
        <fieldset disabled={!may}>
          <SetUp
            key={exam.version}
            initial={draftOf(exam, zone)}
            material={found}
            exam={exam}
            readOnly={!may}
            kept={reread}
            reread={reread}
          />
        </fieldset>
      )}
    </Shown>
  )
}
