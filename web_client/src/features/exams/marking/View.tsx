import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExamView, MarkingQueue, MarkingTask } from '../../../api/exams'
import { named } from '../../../base/i18n'
import { useModel, useValue } from '../../../base/react'
import { Problem } from '../../../ui/Problem'
import { Waiting } from '../../../ui/Waiting'
import { Call } from '../../exam/Call'
import { Question } from '../../questions/Question'
import { RichText } from '../../questions/Rich'
import { type Answer, isLive, type Rich, type Shown } from '../../questions/shapes'
import { Appeals } from '../results/Appeals'
import { Seg } from '../parts'
import { shownNumber } from '../decimal'
import { useExams } from '../use'
import classes from './marking.module.css'
import { type Marking as State, MarkingModel, type Way } from './model'
import { Last, Panel } from './Panel'

/** Marking by hand: whose answers, one answer, and its mark. */
export default function Marking({ exam }: { exam: ExamView }) {
  const { t } = useTranslation()
  const exams = useExams()
  const model = useModel((scope) => new MarkingModel(scope, exams, exam.id), [exam.id, exams])
  if (!model) return <Waiting>{t('app.loading')}</Waiting>
  return (
    <>
      {exam.data.lesson_id && <Call lesson={exam.data.lesson_id} />}
      <Inside model={model} />
      <Appeals exam={exam} />
    </>
  )
}

function Inside({ model }: { model: MarkingModel }) {
  const { t } = useTranslation()
  const state = useValue(model.state)
  if (state.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (state.phase === 'failed') return <Problem error={state.error} retry={() => void model.load()} />
  const { queue, task } = state
  if (queue.questions.length === 0) {
    return (
      <div className={classes.done}>
        <h2>{t('exams.noMarking')}</h2>
        <p className="muted">{t(queue.running > 0 ? 'exams.noMarkingYet' : 'exams.noMarkingText')}</p>
        <LookAgain model={model} />
      </div>
    )
  }
  return (
    <div className={classes.grid}>
      <Ways queue={queue} way={state.way} go={(way) => void model.go(way)} />
      {task ? (
        <>
          <Work task={task} left={state.left} />
          <Panel
            key={`${task.sitting_id} ${task.place} ${task.seen}`}
            task={task}
            state={state}
            model={model}
          />
        </>
      ) : (
        <Done queue={queue} state={state} model={model} />
      )}
    </div>
  )
}

interface WaysProps {
  queue: MarkingQueue
  way: Way
  go: (way: Way) => void
}

/** By question, which is fairest, or by learner. */
function Ways({ queue, way, go }: WaysProps) {
  const { t } = useTranslation()
  const [by, setBy] = useState<'question' | 'learner'>('question')
  const lines =
    by === 'question'
      ? queue.questions.map(({ item_id, title, todo, third }, at) => ({
          key: item_id,
          name: named(title) || t('exams.questionNth', { nth: at + 1 }),
          todo,
          third,
          way: { item: item_id },
          on: way.item === item_id,
        }))
      : queue.sittings.map(({ sitting_id, number, name, todo }) => ({
          key: sitting_id,
          name: name ?? number,
          todo,
          third: 0,
          way: { sitting: sitting_id },
          on: way.sitting === sitting_id,
        }))
  return (
    <div className={classes.ways}>
      <Seg
        label={t('exams.markBy')}
        value={by}
        choices={[
          { value: 'question', label: t('exams.byQuestion') },
          { value: 'learner', label: t('exams.byLearner') },
        ]}
        change={(next) => {
          setBy(next)
          go({})
        }}
      />
      <ul aria-label={t('exams.markBy')}>
        <li>
          <button
            type="button"
            className={classes.way}
            aria-pressed={!way.item && !way.sitting}
            onClick={() => go({})}
          >
            <span>{t('exams.markAll')}</span>
          </button>
        </li>
        {lines.map((line) => (
          <li key={line.key}>
            <button type="button" className={classes.way} aria-pressed={line.on} onClick={() => go(line.way)}>
              <span>
                {line.name}
                {line.third > 0 && <span className="st attn xs"> {t('exams.differ', { count: line.third })}</span>}
              </span>
              {line.todo > 0 ? (
                <span className="count" aria-label={t('exams.todo', { count: line.todo })}>
                  {line.todo}
                </span>
              ) : (
                <span className="st ok">
                  <span className="vh">{t('exams.allMarked')}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What was asked, and what was answered. */
function Work({ task, left }: { task: MarkingTask; left: number }) {
  const { t, i18n } = useTranslation()
  const { shown, answer, media, language, files, key, most } = task
  const written = answer?.kind === 'written' ? String(answer.text ?? '') : null
  return (
    <section className={classes.work} aria-label={t('exams.theAnswer')} data-task={task.sitting_id}>
      <p className="sm muted">
        {t('exams.taskOf', { who: task.name ?? task.number, nth: task.place, most: shownNumber(most, i18n.language) })}
        {' · '}
        {t('exams.todo', { count: left })}
      </p>
      {written === null ? (
        <div className={classes.answer}>
          <Question
            shown={shown as unknown as Shown}
            answer={answer as unknown as Answer | null}
            onAnswer={() => undefined}
            disabled
            language={language}
            media={media}
          />
        </div>
      ) : (
        <>
          <div lang={language}>
            <RichText rich={shown.prompt as Rich} media={media} />
          </div>
          <div className={classes.answer}>
            <div className={classes.written} lang={language}>
              {written || <span className="muted">{t('exams.noAnswer')}</span>}
            </div>
            {written && (
              <p className="xs muted">{t('exams.words', { count: written.split(/\s+/).filter(Boolean).length })}</p>
            )}
          </div>
        </>
      )}
      {answer === null && written === null && !isLive(shown as unknown as Shown) && (
        <p className="muted">{t('exams.noAnswer')}</p>
      )}
      {files.length > 0 && <FilesShown files={files} />}
      {key.sample && (
        <details>
          <summary className="tap">{t('exams.sample')}</summary>
          <div className={classes.answer} lang={language}>
            <RichText rich={key.sample as Rich} media={media} />
          </div>
        </details>
      )}
      {key.accepted.length > 0 && (
        <p className="sm">
          {t('exams.accepted')}: <b>{key.accepted.join('; ')}</b>
        </p>
      )}
    </section>
  )
}

export function FilesShown({ files }: { files: MarkingTask['files'] }) {
  const { t } = useTranslation()
  return (
    <ul className={classes.files} aria-label={t('exams.files')}>
      {files.map(({ name, type, url }) => (
        <li key={url}>
          {type.startsWith('audio/') && <audio controls preload="metadata" src={url} aria-label={name} />}
          {type.startsWith('video/') && <video controls preload="metadata" src={url} aria-label={name} />}
          {type.startsWith('image/') && <img src={url} alt={name} />}
          <a href={url} download={name} className="tap">
            {name}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Others begin, or hand in, meanwhile. */
function LookAgain({ model }: { model: MarkingModel }) {
  const { t } = useTranslation()
  return (
    <Button variant="default" onClick={() => void model.load()} data-again="">
      {t('exams.lookAgain')}
    </Button>
  )
}

interface DoneProps {
  queue: MarkingQueue
  state: Extract<State, { phase: 'ready' }>
  model: MarkingModel
}

function Done({ queue, state, model }: DoneProps) {
  const { t } = useTranslation()
  const { way } = state
  const all = !way.item && !way.sitting
  return (
    <div className={classes.done} role="status" data-marked="">
      <Last last={state.last} />
      <h2>{t(all ? 'exams.markedAll' : 'exams.markedPart')}</h2>
      {queue.running > 0 && <p className="muted">{t('exams.stillRunning', { count: queue.running })}</p>}
      {!all && (
        <button type="button" className="tap" onClick={() => void model.go({})}>
          {t('exams.markAll')}
        </button>
      )}
      {queue.running > 0 && <LookAgain model={model} />}
    </div>
  )
}
