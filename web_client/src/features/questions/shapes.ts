/** What the server shows of a question, and what is sent as its answer: `lms_core/items/views.py` and `answers.py`.
 *  What is as by default is left out of texts; numbers of a picture and points are text. */

export type Mark = 'bold' | 'italic' | 'under' | 'sub' | 'sup' | 'code'
export interface Media {
  kind: 'media'
  sha256: string
  name?: string
  type: string
  alt?: string
  width?: number
  height?: number
}
export type Inline =
  | { kind: 'text'; text: string; marks?: readonly Mark[] }
  | { kind: 'formula'; source: string; block?: boolean }
  | Media
  | { kind: 'blank'; id: string }
export interface Listing {
  kind: 'list'
  entries?: readonly { runs?: readonly Inline[]; inner?: readonly Listing[] }[]
  ordered?: boolean
}
export interface Box {
  runs?: readonly Inline[]
  head?: boolean
  columns?: number
  rows?: number
}
export type Block =
  | { kind: 'paragraph'; runs?: readonly Inline[]; level?: 0 | 1 | 2; code?: boolean }
  | Listing
  | { kind: 'table'; rows?: readonly (readonly Box[])[] }
export interface Rich {
  blocks?: readonly Block[]
}

export interface Option {
  id: string
  words: Rich
}
export interface Area {
  shape: 'rect' | 'circle' | 'polygon'
  numbers: readonly string[]
}
export interface Picture {
  media: Media
  words: Rich
  width: number
  height: number
}
export interface Gap {
  id: string
  kind: 'short' | 'numeric' | 'single'
  options?: readonly Option[]
  units?: readonly string[]
}
export type Cell = { gap: string } | { words: Rich; head: boolean }
export interface Criterion {
  words: Rich
  levels: readonly { words: Rich; points: string }[]
}
type Rubric = { rubric: readonly Criterion[] }

export type Body =
  | { kind: 'single'; options: readonly Option[] }
  | { kind: 'multiple'; options: readonly Option[]; least: number; most: number }
  | { kind: 'true_false' }
  | { kind: 'short' }
  | { kind: 'numeric'; units: readonly string[] }
  | { kind: 'formula'; variables: readonly string[] }
  | { kind: 'ordering'; options: readonly Option[] }
  | { kind: 'matching'; left: readonly Option[]; right: readonly Option[]; most: number; reuse: boolean }
  | {
      kind: 'drag_onto'
      labels: readonly Option[]
      zones: readonly (Option & { area: Area })[]
      picture: Picture
      reuse: boolean
    }
  | { kind: 'hotspot'; picture: Picture; most: number }
  | { kind: 'cloze'; gaps: readonly Gap[] }
  | { kind: 'table'; rows: readonly (readonly Cell[])[]; gaps: readonly Gap[] }
  | ({ kind: 'essay'; least_words: number; most_words: number } & Rubric)
  | ({ kind: 'file'; types: readonly string[]; most_bytes: number; most_files: number } & Rubric)
  | ({ kind: 'spoken'; most_seconds: number; live: boolean } & Rubric)
/** A question as a learner sees it. */
export type Shown = Body & { points: string; prompt: Rich }
export type Kind = Shown['kind']
export type Of<K extends Kind> = Extract<Shown, { kind: K }>

export interface Pair {
  left: string
  right: string
}
export interface Fill {
  gap: string
  text: string
}
/** In the picture's own pixels. */
export interface Spot {
  x: string
  y: string
}
/** A file by what it holds; `size` in bytes. */
export interface Handed {
  sha256: string
  name: string
  size: number
}
export type Answer =
  | { kind: 'chosen'; ids?: readonly string[] }
  | { kind: 'truth'; value?: boolean | null }
  | { kind: 'typed'; text?: string }
  | { kind: 'paired'; pairs?: readonly Pair[] }
  | { kind: 'ordered'; ids?: readonly string[] }
  | { kind: 'filled'; fills?: readonly Fill[] }
  | { kind: 'spotted'; spots?: readonly Spot[] }
  | { kind: 'written'; text?: string }
  | { kind: 'handed_in'; files?: readonly Handed[] }
  | { kind: 'recorded'; sha256?: string; seconds?: number }

const ANSWERS: Record<Kind, Answer['kind']> = {
  single: 'chosen',
  multiple: 'chosen',
  true_false: 'truth',
  short: 'typed',
  numeric: 'typed',
  formula: 'typed',
  matching: 'paired',
  drag_onto: 'paired',
  ordering: 'ordered',
  cloze: 'filled',
  table: 'filled',
  hotspot: 'spotted',
  essay: 'written',
  file: 'handed_in',
  spoken: 'recorded',
}

/** The answer as one of the kind of the question; nothing where it is of another kind, or none. */
export function fitting(shown: Shown, answer: Answer | null | undefined): Answer {
  const kind = ANSWERS[shown.kind]
  return answer?.kind === kind ? answer : ({ kind } as Answer)
}

/** Whether it is told to the examiner, so that nothing of it is sent. */
export function isLive(shown: Shown): boolean {
  return shown.kind === 'spoken' && shown.live
}

/** Whether something is answered: what is left empty counts as nothing. */
export function isAnswered(answer: Answer | null | undefined): boolean {
  switch (answer?.kind) {
    case undefined:
      return false
    case 'chosen':
    case 'ordered':
      return (answer.ids ?? []).length > 0
    case 'truth':
      return typeof answer.value === 'boolean'
    case 'typed':
    case 'written':
      return (answer.text ?? '').trim() !== ''
    case 'paired':
      return (answer.pairs ?? []).length > 0
    case 'filled':
      return (answer.fills ?? []).some(({ text }) => text.trim() !== '')
    case 'spotted':
      return (answer.spots ?? []).length > 0
    case 'handed_in':
      return (answer.files ?? []).length > 0
    case 'recorded':
      return !!answer.sha256
  }
}

/** Rich text as a line of characters: for names of things, where formulas and pictures cannot stand. */
export function plainOf(rich: Rich | undefined): string {
  const runs: Inline[] = []
  const ofList = (list: Listing) => {
    for (const entry of list.entries ?? []) {
      runs.push(...(entry.runs ?? []), SPACE)
      for (const inner of entry.inner ?? []) ofList(inner)
    }
  }
  for (const block of rich?.blocks ?? []) {
    if (block.kind === 'paragraph') runs.push(...(block.runs ?? []), SPACE)
    else if (block.kind === 'list') ofList(block)
    else for (const box of (block.rows ?? []).flat()) runs.push(...(box.runs ?? []), SPACE)
  }
  return runs.map(said).join('').replace(/\s+/g, ' ').trim()
}

const SPACE: Inline = { kind: 'text', text: ' ' }

function said(run: Inline): string {
  if (run.kind === 'text') return run.text
  if (run.kind === 'formula') return run.source
  return run.kind === 'media' ? (run.alt ?? '') : ' … '
}
