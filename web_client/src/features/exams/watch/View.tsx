import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExamView, SittingRow } from '../../../api/exams'
import { ticking } from '../../../base/clock'
import { lengthOf, stopwatch, timeOf } from '../../../base/format'
import { useModel, useValue } from '../../../base/react'
import { useMe } from '../../../me'
import { useServices } from '../../../services'
import { Problem } from '../../../ui/Problem'
import { Thread } from '../../../ui/Thread'
import { Waiting } from '../../../ui/Waiting'
import { Call } from '../../exam/Call'
import { useTask } from '../../school/context'
import { Ask } from '../../school/form'
import { Empty } from '../../school/Frame'
import { tell } from '../../school/tell'
import classes from '../exams.module.css'
import { StateWord } from '../parts'
import { useExams } from '../use'
import { type Act, actsOf, countOf, held, inOrder, leftAt, type State, WatchModel, WITH_REASON } from './model'

/** The sittings as they go on, and what who watches may do. */
export default function Watch({ exam }: { exam: ExamView }) {
  const { link, clock } = useServices()
  const exams = useExams()
  const model = useModel((scope) => new WatchModel(scope, exams, link, clock, exam.id), [exam.id, exams])
  return model ? <Inside model={model} exam={exam} /> : null
}

const SHOWN: readonly State[] = ['checking', 'running', 'interrupted', 'paused', 'handed_in', 'terminated']

function Inside({ model, exam }: { model: WatchModel; exam: ExamView }) {
  const { t } = useTranslation()
  const { link, clock } = useServices()
  const sittings = useValue(model.sittings)
  const line = useValue(link.state)
  const now = useModel((scope) => ticking(scope, clock, 1000), [clock])
  const [asks, setAsks] = useState<{ row: SittingRow; act: Act }>()
  const order = useRef<readonly string[]>([])
  if (sittings.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (sittings.phase === 'failed') return <Problem error={sittings.error} retry={() => model.reload()} />
  const { rows, read } = sittings.state
  const shown = asks ? held(order.current, rows) : inOrder(rows)
  order.current = shown.map(({ id }) => id)
  const counts = countOf(rows)
  return (
    <>
      <div className={classes.row}>
        <p className={classes.counts} role="status">
          {SHOWN.map((state) => (
            <span key={state} className={counts[state] ? '' : classes.zero}>
              {t(`exams.state.${state}`)}: <b className="num">{counts[state] ?? 0}</b>
            </span>
          ))}
        </p>
        <span className="grow" />
        {exam.data.lesson_id && <Call lesson={exam.data.lesson_id} />}
        <Thread state={line === 'cut' ? 'cut' : 'whole'}>{t(line === 'cut' ? 'exams.lineCut' : 'exams.live')}</Thread>
      </div>
      {rows.length === 0 ? (
        <Empty title={t('exams.noSittings')} text={t('exams.noSittingsText')} />
      ) : (
        <ul className={classes.people} aria-label={t('exams.tab.now')}>
          {shown.map((row) => (
            <Line
              key={row.id}
              row={row}
              exam={exam}
              isOpen={asks?.row.id === row.id}
              ask={(act) => setAsks({ row, act })}
              {...(now && { left: { read, now } })}
            />
          ))}
        </ul>
      )}
      {asks && <Move model={model} {...asks} close={() => setAsks(undefined)} />}
    </>
  )
}

interface LineProps {
  row: SittingRow
  exam: ExamView
  isOpen: boolean
  ask: (act: Act) => void
  left?: { read: number; now: { get(): number; watch(seen: () => void): () => void } }
}

function Line({ row, exam, isOpen, ask, left }: LineProps) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { state, answered, questions, since, seat, interrupted_seconds } = row
  const name = row.name ?? row.number
  const acts = exam.part === 'chair' || exam.part === 'proctor' ? actsOf(state, exam.part === 'chair') : []
  return (
    <li className={classes.person} data-sitting={row.id} data-open={isOpen || undefined}>
      <span>
        <b>{name}</b>
        {seat && <span className="muted sm"> · {t('exams.seatIs', { seat })}</span>}
        {interrupted_seconds > 0 && (
          <span className="muted sm"> · {t('exams.unseenFor', { time: lengthOf(interrupted_seconds * 1000) })}</span>
        )}
      </span>
      <span>
        <StateWord state={state} />
        <span className="muted xs"> {t('exams.since', { time: timeOf(since, zone) })}</span>
      </span>
      <span className="num sm" title={t('exams.answered')}>
        {questions > 0 && `${answered} / ${questions}`}
        <span className="vh"> {t('exams.answered')}</span>
      </span>
      <span className="num sm">{left && <Left row={row} read={left.read} now={left.now} />}</span>
      <span className={classes.acts}>
        {acts.slice(0, 1).map((act) => (
          <Button key={act} size="sm" variant="default" aria-label={`${t(`exams.act.${act}`)}: ${name}`} onClick={() => ask(act)}>
            {t(`exams.act.${act}`)}
          </Button>
        ))}
        {acts.length > 1 && (
          <NativeSelect
            aria-label={t('exams.moreActs', { name })}
            value=""
            onChange={(event) => ask(event.currentTarget.value as Act)}
            data={[
              { value: '', label: t('exams.more') },
              ...acts.slice(1).map((act) => ({ value: act, label: t(`exams.act.${act}`) })),
            ]}
          />
        )}
      </span>
    </li>
  )
}

const LIMITED: readonly State[] = ['running', 'interrupted', 'paused', 'terminated']

function Left({ row, read, now }: { row: SittingRow; read: number; now: NonNullable<LineProps['left']>['now'] }) {
  const { t } = useTranslation()
  const at = useValue(now)
  const seconds = leftAt(row, read, at)
  if (seconds === null || !LIMITED.includes(row.state)) return null
  return (
    <>
      {stopwatch(seconds * 1000)}
      {row.left.stands && <span className="muted xs"> {t('exams.stands')}</span>}
    </>
  )
}

const MINUTES = [1, 2, 5, 10, 15, 30, 60]
const FINAL: readonly Act[] = ['terminate', 'hand_in', 'miss']

interface MoveProps {
  model: WatchModel
  row: SittingRow
  act: Act
  close: () => void
}

/** Asks what is needed, says what it means, and does it. */
function Move({ model, row, act, close }: MoveProps) {
  const { t } = useTranslation()
  const task = useTask()
  const [why, setWhy] = useState('')
  const [minutes, setMinutes] = useState('5')
  const [sent, setSent] = useState(false)
  const needs = useMemo(() => WITH_REASON.includes(act), [act])
  const send = async () => {
    setSent(true)
    if (needs && !why.trim()) return
    const seconds = act === 'add_time' ? Number(minutes) * 60 : undefined
    const done = await task.run(() => model.move(row.id, act, why.trim(), seconds))
    if (!done) return
    tell(`${row.name ?? row.number}: ${t(`exams.actDone.${act}`)}`)
    close()
  }
  return (
    <Ask
      title={`${t(`exams.act.${act}`)}: ${row.name ?? row.number}`}
      close={close}
      task={task}
      submit={t(`exams.act.${act}`)}
      stops={FINAL.includes(act)}
      send={() => void send()}
    >
      <p>{t(`exams.actText.${act}`)}</p>
      {act === 'add_time' && (
        <NativeSelect
          label={t('exams.addMinutes')}
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
          data={MINUTES.map((one) => ({ value: String(one), label: t('date.minutes', { minutes: one }) }))}
        />
      )}
      <Textarea
        label={t(needs ? 'exams.why' : 'exams.whyOptional')}
        description={needs ? t('exams.whyHelp') : undefined}
        value={why}
        maxLength={1000}
        rows={2}
        error={sent && needs && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}
