import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Multiple, Single, TrueFalse } from './Choices'
import { Essay } from './Essay'
import { Files } from './Files'
import { type FileKeeper, passingFiles } from './keeper'
import { FormulaLine } from './FormulaLine'
import { Cloze, Table } from './Gaps'
import { DragOnto } from './DragOnto'
import { Hotspot } from './Hotspot'
import { pressed } from './keys'
import { Numeric, Short } from './Lines'
import { Matching } from './Matching'
import { Ordering } from './Ordering'
import type { Part } from './part'
import classes from './Question.module.css'
import { type Places, RichText } from './Rich'
import { type Answer, fitting, isAnswered, type Kind, type Shown } from './shapes'
import { Spoken } from './Spoken'

export interface Props {
  shown: Shown
  answer: Answer | null
  onAnswer: (answer: Answer) => void
  disabled?: boolean
  /** In which the question is written: for who hears the page. */
  language: string
  media?: Places
  files?: FileKeeper
  /** Options are chosen by their numbers on the keyboard while no field has the focus. */
  keys?: boolean
}

const NOWHERE: Places = {}
/** Kinds of which an answer cannot be taken back by what it was given with. */
const CLEARED: readonly Kind[] = ['single', 'true_false', 'ordering']

/** A question as a learner sees it, and the answer. It keeps nothing: what is answered is in `answer`. */
export function Question(props: Props) {
  const { shown, answer, onAnswer, disabled = false, language, media = NOWHERE, keys = false } = props
  const { t } = useTranslation()
  const [own] = useState(passingFiles)
  const name = useId()
  const field = useRef<HTMLDivElement>(null)
  const fit = fitting(shown, answer)
  useKeys(keys && !disabled, shown, fit, onAnswer)
  const part = { answer: fit, give: onAnswer, disabled, media, files: props.files ?? own, name }
  return (
    <div className={classes.question} data-kind={shown.kind} data-answered={isAnswered(fit)}>
      {shown.kind !== 'cloze' && (
        <div className={classes.prompt} id={`${name}-prompt`} lang={language}>
          <RichText rich={shown.prompt} media={media} />
        </div>
      )}
      <div ref={field} tabIndex={-1} className={classes.part} role="group" aria-labelledby={shown.kind === 'cloze' ? undefined : `${name}-prompt`}>
        {partOf(shown, part, language)}
      </div>
      {!disabled && CLEARED.includes(shown.kind) && isAnswered(fit) && (
        <div>
          <Button
            variant="subtle"
            size="sm"
            onClick={() => {
              onAnswer({ kind: fit.kind })
              field.current?.focus({ preventScroll: true }) // the button goes
            }}
            data-clear=""
          >
            {t('questions.clear')}
          </Button>
        </div>
      )}
    </div>
  )
}

function partOf(shown: Shown, given: Omit<Part<Kind>, 'shown'>, language: string): ReactNode {
  switch (shown.kind) {
    case 'single':
      return <Single {...given} shown={shown} />
    case 'multiple':
      return <Multiple {...given} shown={shown} />
    case 'true_false':
      return <TrueFalse {...given} shown={shown} />
    case 'short':
      return <Short {...given} shown={shown} />
    case 'numeric':
      return <Numeric {...given} shown={shown} />
    case 'formula':
      return <FormulaLine {...given} shown={shown} />
    case 'matching':
      return <Matching {...given} shown={shown} />
    case 'drag_onto':
      return <DragOnto {...given} shown={shown} />
    case 'ordering':
      return <Ordering {...given} shown={shown} />
    case 'cloze':
      return <Cloze {...given} shown={shown} language={language} />
    case 'table':
      return <Table {...given} shown={shown} />
    case 'hotspot':
      return <Hotspot {...given} shown={shown} />
    case 'essay':
      return <Essay {...given} shown={shown} />
    case 'file':
      return <Files {...given} shown={shown} />
    case 'spoken':
      return <Spoken {...given} shown={shown} />
  }
}

function useKeys(on: boolean, shown: Shown, answer: Answer, give: (answer: Answer) => void) {
  useEffect(() => {
    if (!on) return
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || inField(event.target)) return
      const next = pressed(shown, answer, event.key)
      if (next) give(next)
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [on, shown, answer, give])
}

/** Whether keys mean something else there: a field, or a dialogue over the page. */
export function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('[role=dialog], [role=application]')) return true
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button'].includes(target.type)
  return target.isContentEditable || ['TEXTAREA', 'SELECT', 'VIDEO', 'AUDIO'].includes(target.tagName)
}
