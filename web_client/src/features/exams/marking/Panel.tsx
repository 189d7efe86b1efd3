import { Button, Textarea, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MarkingTask } from '../../../api/exams'
import { explain } from '../../../base/errors'
import { FieldError } from '../../../ui/FieldError'
import { inField } from '../../questions/Question'
import { RichText } from '../../questions/Rich'
import type { Rich } from '../../questions/shapes'
import { decimalOf, shownNumber } from '../decimal'
import classes from './marking.module.css'
import type { Marking, MarkingModel } from './model'
import { levelBy, type Levels, nextOpen, rubricPoints, typedAfter, unfit } from './points'

interface Props {
  task: MarkingTask
  state: Extract<Marking, { phase: 'ready' }>
  model: MarkingModel
}

/** The mark: levels of a rubric or points, a comment, and on to the next. Digits work while no field has the focus. */
export function Panel({ task, state, model }: Props) {
  const { t, i18n } = useTranslation()
  const { rubric, most, step, wants, may, marks } = task
  const mine = marks.find((mark) => mark.mine)
  const [levels, setLevels] = useState<Levels>(() =>
    Object.fromEntries((mine?.levels ?? []).map(({ criterion, level }) => [criterion, level])),
  )
  const [typed, setTyped] = useState(() => (mine ? shownNumber(mine.points, 'ru') : ''))
  const [comment, setComment] = useState(mine?.comment ?? '')
  const [at, setAt] = useState(0)
  const [sent, setSent] = useState(false)
  const panel = useRef<HTMLElement>(null)
  const sum = rubric.length > 0 ? rubricPoints(rubric, levels) : null
  const why = rubric.length > 0 ? (sum === null ? 'levels' : null) : unfit(typed, most, step)
  const choose = (criterion: string, level: string) => {
    const next = { ...levels, [criterion]: level }
    setLevels(next)
    setAt(nextOpen(rubric, next, rubric.findIndex(({ id }) => id === criterion)))
  }
  const send = () => {
    setSent(true)
    if (why || !may) return
    const chosen = Object.entries(levels).map(([criterion, level]) => ({ criterion, level }))
    const points = rubric.length > 0 ? null : decimalOf(typed)
    void model.mark({ points, levels: chosen, comment: comment.trim() })
  }
  useKeys((key) => {
    if (key === 'Enter') send()
    else if (key === 'ArrowRight') void model.skip()
    else if (rubric.length > 0) {
      const found = levelBy(key, rubric, at)
      if (!found) return false
      choose(...found)
    } else {
      const next = typedAfter(typed, key, Number(most))
      if (next === typed) return false
      setTyped(next)
    }
    return true
  })
  // The next answer begins here for who works by keyboard and who hears the page.
  useEffect(() => panel.current?.focus({ preventScroll: true }), [])
  const language = i18n.language
  return (
    <section className={classes.panel} aria-label={t('exams.mark')} ref={panel} tabIndex={-1}>
      <Last last={state.last} />
      {wants !== '' && wants !== 'first' && <p className="st attn">{t(`exams.wants.${wants}`)}</p>}
      {rubric.map((criterion, nth) => (
        <fieldset key={criterion.id} className={classes.criterion} data-at={nth === at ? '' : undefined}>
          <legend className="sb-label">
            <RichText rich={criterion.words as Rich} inline />
          </legend>
          {criterion.levels.map((level, index) => (
            <label key={level.id} className={classes.level}>
              <input
                type="radio"
                name={`${task.sitting_id} ${criterion.id}`}
                checked={levels[criterion.id] === level.id}
                disabled={!may}
                onChange={() => choose(criterion.id, level.id)}
              />
              <span>
                <RichText rich={level.words as Rich} inline />
              </span>
              <span className="num">
                {shownNumber(level.points, language)}{' '}
                {nth === at && (
                  <kbd className="kbd" aria-hidden="true">
                    {index + 1}
                  </kbd>
                )}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
      {rubric.length > 0 ? (
        <p role="status">
          {sum === null
            ? t('exams.chooseLevels')
            : t('exams.rubricSum', { points: shownNumber(sum, language), most: shownNumber(most, language) })}
        </p>
      ) : (
        <div className={classes.pointsRow}>
          <TextInput
            label={t('exams.pointsOfMost', { most: shownNumber(most, language) })}
            value={typed}
            inputMode="decimal"
            disabled={!may}
            data-points=""
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') {
                event.preventDefault()
                send()
              }
            }}
          />
        </div>
      )}
      <Textarea
        label={t('exams.comment')}
        description={t('exams.commentHelp')}
        value={comment}
        maxLength={4000}
        rows={3}
        disabled={!may}
        onChange={(event) => setComment(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send()
        }}
      />
      {sent && why && (
        <FieldError>{t(`exams.markUnfit.${why}`, { most: shownNumber(most, language), step: shownNumber(step, language) })}</FieldError>
      )}
      {state.error !== null && <FieldError>{explain(state.error)}</FieldError>}
      {!may && <p className="muted sm">{t('exams.mayNotMark')}</p>}
      <div className={classes.keys}>
        {may && (
          <Button disabled={state.busy} onClick={send} data-keep="">
            {t('exams.keepMark')}
            <kbd className="kbd" style={{ marginLeft: 8 }} aria-hidden="true">
              Enter
            </kbd>
          </Button>
        )}
        <Button variant="default" disabled={state.busy} onClick={() => void model.skip()}>
          {t('exams.skip')}
          <kbd className="kbd" style={{ marginLeft: 8 }} aria-hidden="true">
            →
          </kbd>
        </Button>
      </div>
      <p className="xs muted hide-p">{t(rubric.length > 0 ? 'exams.keysRubric' : 'exams.keysPoints')}</p>
      <Others marks={marks} />
    </section>
  )
}

/** What the mark before came to: said to who hears the page, too. */
export function Last({ last }: { last: { points: string | null; wants: string } | null }) {
  const { t, i18n } = useTranslation()
  return (
    <p role="status" className={last ? 'sm muted' : 'vh'}>
      {last &&
        (last.points === null
          ? t(`exams.keptWants.${last.wants || 'second'}`)
          : t('exams.kept', { points: shownNumber(last.points, i18n.language) }))}
    </p>
  )
}

/** Marks of the others, once all of them agree or it is talked over. */
function Others({ marks }: { marks: MarkingTask['marks'] }) {
  const { t, i18n } = useTranslation()
  const others = marks.filter(({ mine }) => !mine)
  if (others.length === 0) return null
  return (
    <div>
      <h3>{t('exams.otherMarks')}</h3>
      <ul className={classes.marks}>
        {others.map(({ marker_id, marker, points, comment }) => (
          <li key={marker_id}>
            {marker}: <b className="num">{shownNumber(points, i18n.language)}</b>
            {comment && <p className="sm muted">{comment}</p>}
          </li>
        ))}
      </ul>
    </div>
  )
}

function useKeys(act: (key: string) => boolean | void) {
  const now = useRef(act)
  now.current = act
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return
      if (inField(event.target)) return
      const isButton = event.target instanceof Element && event.target.closest('button, a, summary')
      if (isButton && (event.key === 'Enter' || event.key === ' ')) return
      if (now.current(event.key) !== false) event.preventDefault()
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [])
}
