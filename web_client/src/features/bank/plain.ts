/** A question as it is kept: the JSON that the server's `items.plain` reads and writes. What is as by default may be
 *  left out. Numbers that are reckoned exactly are text. */
import type { Language } from '../../api/types'

export type Mark = 'bold' | 'italic' | 'under' | 'sub' | 'sup' | 'code'
export const MARKS: readonly Mark[] = ['bold', 'italic', 'under', 'sub', 'sup', 'code']

export interface TextRun {
  kind: 'text'
  text: string
  marks?: Mark[]
}
export interface FormulaRun {
  kind: 'formula'
  source: string
  block?: boolean
}
export interface Media {
  kind: 'media'
  sha256: string
  name: string
  type: string
  alt?: string
  width?: number
  height?: number
}
export interface BlankRun {
  kind: 'blank'
  id: string
}
export type Run = TextRun | FormulaRun | Media | BlankRun

export interface Paragraph {
  kind: 'paragraph'
  runs?: Run[]
  level?: 0 | 1 | 2
  code?: boolean
}
export interface Entry {
  runs?: Run[]
  inner?: Listing[]
}
export interface Listing {
  kind: 'list'
  entries?: Entry[]
  ordered?: boolean
}
export interface Box {
  runs?: Run[]
  head?: boolean
  columns?: number
  rows?: number
}
export interface Grid {
  kind: 'table'
  rows?: Box[][]
}
export type Block = Paragraph | Listing | Grid
export interface Rich {
  blocks?: Block[]
}
export type Words = Partial<Record<Language, Rich | null>>

export interface Option {
  id: string
  words: Words
  feedback?: Words
  fixed?: boolean
}
export interface Worth {
  id: string
  share: string
}
export interface Single {
  kind: 'single'
  options: Option[]
  right: string[]
  worth?: Worth[]
}
export interface Multiple {
  kind: 'multiple'
  options: Option[]
  right: string[]
  worth?: Worth[]
  least?: number
  most?: number
}
export interface TrueFalse {
  kind: 'true_false'
  right: boolean
  when_true?: Words
  when_false?: Words
}
export interface Accepted {
  text: string
  share?: string
  pattern?: boolean
  feedback?: Words
}
export interface Short {
  kind: 'short'
  accepted: Accepted[]
  fold_case?: boolean
  fold_space?: boolean
}
export interface Near {
  value: string
  tolerance?: string
  relative?: boolean
  share?: string
  feedback?: Words
}
export interface Unit {
  name: string
  factor?: string
}
export interface Numeric {
  kind: 'numeric'
  near: Near[]
  units?: Unit[]
  unit_share?: string
}
export interface Pair {
  left: string
  right: string
}
export interface Matching {
  kind: 'matching'
  left: Option[]
  right: Option[]
  pairs: Pair[]
  most?: number
  reuse?: boolean
}
export interface Ordering {
  kind: 'ordering'
  options: Option[]
}
export type GapBody = Short | Numeric | Single
export interface Gap {
  id: string
  body: GapBody
  weight?: number
}
export interface Cloze {
  kind: 'cloze'
  gaps: Gap[]
}
export interface Picture {
  media: Media
  width: number
  height: number
  words?: Words
}
export interface Area {
  shape: 'rect' | 'circle' | 'polygon'
  numbers: string[]
}
export interface Region {
  id: string
  area: Area
  right?: boolean
  feedback?: Words
}
export interface Hotspot {
  kind: 'hotspot'
  picture: Picture
  regions: Region[]
  most?: number
}
export interface Zone {
  id: string
  area: Area
  words?: Words
}
export interface DragOnto {
  kind: 'drag_onto'
  picture: Picture
  labels: Option[]
  zones: Zone[]
  pairs: Pair[]
  reuse?: boolean
}
export interface Level {
  id: string
  words: Words
  points: string
}
export interface Criterion {
  id: string
  words: Words
  levels: Level[]
  shown?: boolean
}
export interface Essay {
  kind: 'essay'
  rubric?: Criterion[]
  least_words?: number
  most_words?: number
  sample?: Words
}
export interface Files {
  kind: 'file'
  types?: string[]
  most_bytes?: number
  most_files?: number
  rubric?: Criterion[]
  sample?: Words
}
export interface Spoken {
  kind: 'spoken'
  live?: boolean
  most_seconds?: number
  rubric?: Criterion[]
  sample?: Words
}
export interface Variable {
  name: string
  low?: string
  high?: string
}
export interface Expression {
  kind: 'formula'
  expression: string
  variables?: Variable[]
}
export interface Cell {
  words?: Words
  gap?: string
  head?: boolean
}
export interface Table {
  kind: 'table'
  rows: Cell[][]
  gaps: Gap[]
}
export type Body =
  | Single | Multiple | TrueFalse | Short | Numeric | Matching | Ordering | Cloze | Hotspot | DragOnto
  | Essay | Files | Spoken | Expression | Table // prettier-ignore
export type Kind = Body['kind']

/** In the order in which an author is offered them: what most ask for first. */
export const KINDS: readonly Kind[] = [
  ...(['single', 'multiple', 'true_false', 'short', 'numeric', 'matching', 'ordering', 'cloze'] as const),
  ...(['essay', 'file', 'spoken', 'formula', 'table', 'hotspot', 'drag_onto'] as const),
]

export type Rule = '' | 'all_or_nothing' | 'per_part' | 'per_part_minus_wrong' | 'neighbours'
export interface Parameter {
  name: string
  low?: string
  high?: string
  step?: string
  choices?: string[]
}
export interface Derived {
  name: string
  expression: string
  digits?: number
}
export interface Feedback {
  general?: Words
  right?: Words
  partly?: Words
  wrong?: Words
}
export interface Item {
  version: 1
  prompt: Words
  body: Body
  points?: string
  name?: string
  rule?: Rule
  penalty?: string
  shuffle?: boolean
  subject?: string
  objectives?: string[]
  difficulty?: number
  /** Of one family a paper holds one question at most. */
  family?: string
  tags?: string[]
  feedback?: Feedback
  parameters?: Parameter[]
  derived?: Derived[]
}

export const isPicture = ({ type }: Media) => type.startsWith('image/')
/** Kinds that a person marks. */
export const BY_HAND: readonly Kind[] = ['essay', 'file', 'spoken']

/** Whether anything is written. */
export function isWritten(rich: Rich | null | undefined): rich is Rich {
  return !!rich?.blocks?.length
}
