/** A question while it is written: pure changes of it. */
import type { Language } from '../../api/types'
import {
  type Body,
  type Criterion,
  type Gap,
  type GapBody,
  isWritten,
  type Item,
  type Kind,
  type Media,
  type Option,
  type Picture,
  type Rich,
  type Words,
} from './plain'
import { runsOf } from './writing'

/** A part of a question that has texts, as a walk finds them. */
export interface Said {
  where: string
  words: Words
}

const LANGUAGES = ['kk', 'ru', 'en'] as const
const NO_PICTURE: Picture = {
  media: { kind: 'media', sha256: '', name: '', type: '' },
  width: 0,
  height: 0,
}

/** `a`, `b`, … `z`, `a2`, … : the first that none has. */
export function freeId(taken: readonly { id: string }[]): string {
  const ids = new Set(taken.map(({ id }) => id))
  for (let n = 0; ; n++) {
    const turn = Math.floor(n / 26)
    const id = String.fromCharCode(97 + (n % 26)) + (turn ? String(turn + 1) : '')
    if (!ids.has(id)) return id
  }
}

/** So many options without a word. */
export function options(count: number): Option[] {
  const made: Option[] = []
  for (let n = 0; n < count; n++) made.push({ id: freeId(made), words: {} })
  return made
}

/** A new question of a kind. */
export function fresh(kind: Kind = 'single'): Item {
  return { version: 1, prompt: {}, body: freshBody(kind) }
}

export function freshBody(kind: Kind): Body {
  switch (kind) {
    case 'single':
    case 'multiple':
      return { kind, options: options(4), right: [] }
    case 'true_false':
      return { kind, right: true }
    case 'short':
      return { kind, accepted: [{ text: '' }] }
    case 'numeric':
      return { kind, near: [{ value: '' }] }
    case 'matching': {
      const left = options(3)
      const right = options(3)
      return { kind, left, right, pairs: left.map(({ id }, n) => ({ left: id, right: right[n]!.id })) }
    }
    case 'ordering':
      return { kind, options: options(4) }
    case 'cloze':
      return { kind, gaps: [] }
    case 'hotspot':
      return { kind, picture: NO_PICTURE, regions: [] }
    case 'drag_onto':
      return { kind, picture: NO_PICTURE, labels: [], zones: [], pairs: [] }
    case 'essay':
      return { kind }
    case 'file':
      return { kind }
    case 'spoken':
      return { kind }
    case 'formula':
      return { kind, expression: '' }
    case 'table':
      return { kind, rows: [0, 1].map(() => [{}, {}]), gaps: [] }
  }
}

/** The same question of another kind; what both have is kept. */
export function changeKind(item: Item, kind: Kind): Item {
  const before = item.body
  if (before.kind === kind) return item
  const body = freshBody(kind)
  if ((body.kind === 'single' || body.kind === 'multiple' || body.kind === 'ordering') && 'options' in before) {
    body.options = before.options
    if (body.kind !== 'ordering' && before.kind !== 'ordering') {
      body.right = body.kind === 'single' ? before.right.slice(0, 1) : before.right
    }
  }
  if ('rubric' in before && before.rubric && (body.kind === 'essay' || body.kind === 'file' || body.kind === 'spoken')) {
    body.rubric = before.rubric
  }
  if (body.kind === 'hotspot' && before.kind === 'drag_onto') body.picture = before.picture
  if (body.kind === 'drag_onto' && before.kind === 'hotspot') body.picture = before.picture
  const rule = item.rule === 'neighbours' ? '' : item.rule
  return { ...item, body, ...(rule !== undefined && { rule }) }
}

/** One text in one language; nothing written is none. */
export function say(words: Words | undefined, language: Language, rich: Rich): Words {
  const next = { ...words }
  if (isWritten(rich)) next[language] = rich
  else delete next[language]
  return next
}

export function languagesOf(words: Words | undefined): Language[] {
  return LANGUAGES.filter((one) => isWritten(words?.[one]))
}

/** Every text of a question that may be written, with its place as faults name it. */
export function texts(item: Item): Said[] {
  const found: Said[] = [{ where: 'prompt', words: item.prompt }]
  walk(item.body, 'body', found)
  walk(item.feedback ?? {}, 'feedback', found)
  return found
}

/** How many texts this language lacks that are written in another. */
export function missingIn(item: Item, language: Language): number {
  return texts(item).filter(({ words }) => languagesOf(words).length > 0 && !isWritten(words[language])).length
}

/** Ready to be sent: without the options, answers and rows that were left empty. */
export function tidied(item: Item): Item {
  const tags = item.tags?.map((one) => one.trim()).filter(Boolean)
  return { ...item, body: tidyBody(item.body, item), ...(tags && { tags }) }
}

/** Whether there is nothing in it that would be a pity to lose. */
export function isBlank(item: Item): boolean {
  return texts(item).every(({ words }) => languagesOf(words).length === 0) && !item.name
}

/** Gaps of a cloze, one for each `[[id]]` of its prompt in any language, in their order there. */
export function gapsIn(prompt: Words, gaps: readonly Gap[]): Gap[] {
  const ids = new Set(
    LANGUAGES.flatMap((language) => runsOf(prompt[language]).flatMap((run) => (run.kind === 'blank' ? [run.id] : []))),
  )
  return [...ids].map((id) => gaps.find((one) => one.id === id) ?? { id, body: gapBody('short') })
}

/** The number of the next gap. */
export function freeGap(gaps: readonly { id: string }[]): string {
  const ids = new Set(gaps.map(({ id }) => id))
  for (let n = 1; ; n++) if (!ids.has(String(n))) return String(n)
}

export function gapBody(kind: GapBody['kind']): GapBody {
  return kind === 'single' ? { kind, options: options(3), right: [] } : (freshBody(kind) as GapBody)
}

/** A criterion with two levels. */
export function freshCriterion(taken: readonly Criterion[]): Criterion {
  const id = freeId(taken)
  return { id, words: {}, levels: [{ id: 'a', words: {}, points: '0' }, { id: 'b', words: {}, points: '1' }] }
}

/** All media of a question, by their hash. */
export function allMedia(item: Item): Map<string, Media> {
  const found = new Map<string, Media>()
  for (const { words } of texts(item)) {
    for (const language of LANGUAGES) {
      for (const run of runsOf(words[language])) if (run.kind === 'media') found.set(run.sha256, run)
    }
  }
  const { body } = item
  if ('picture' in body && body.picture.media.sha256) found.set(body.picture.media.sha256, body.picture.media)
  return found
}

/** Moves one of a list up or down. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const next = [...list]
  const [one] = next.splice(from, 1)
  if (one !== undefined) next.splice(Math.max(0, from + by), 0, one)
  return next
}

const WORDS = new Set(['words', 'feedback', 'sample', 'when_true', 'when_false', 'general', 'right', 'partly', 'wrong'])

function walk(value: unknown, where: string, found: Said[]): void {
  if (Array.isArray(value)) value.forEach((one, at) => walk(one, `${where}[${at}]`, found))
  else if (value && typeof value === 'object') {
    for (const [key, one] of Object.entries(value)) {
      const at = `${where}.${key}`
      const isText = WORDS.has(key) && one && typeof one === 'object' && !Array.isArray(one)
      if (isText) found.push({ where: at, words: one as Words })
      else walk(one, at, found)
    }
  }
}

const isSaid = ({ words }: { words?: Words }) => languagesOf(words).length > 0

function tidyBody<B extends Body | GapBody>(body: B, item: Item): B {
  switch (body.kind) {
    case 'single':
    case 'multiple': {
      const kept = body.options.filter((one) => isSaid(one) || isSaid({ words: one.feedback ?? {} }))
      const ids = new Set(kept.map(({ id }) => id))
      const worth = body.worth?.filter(({ id }) => ids.has(id))
      return { ...body, options: kept, right: body.right.filter((id) => ids.has(id)), ...(worth && { worth }) }
    }
    case 'short':
      return { ...body, accepted: body.accepted.filter(({ text }) => text.trim()) }
    case 'numeric':
      return {
        ...body,
        near: body.near.filter(({ value }) => value.trim()),
        ...(body.units && { units: body.units.filter(({ name }) => name.trim()) }),
      }
    case 'ordering':
      return { ...body, options: body.options.filter(isSaid) }
    case 'matching': {
      const left = body.left.filter(isSaid)
      const right = body.right.filter(isSaid)
      const has = (list: readonly Option[], id: string) => list.some((one) => one.id === id)
      return { ...body, left, right, pairs: body.pairs.filter((one) => has(left, one.left) && has(right, one.right)) }
    }
    case 'cloze':
      return { ...body, gaps: gapsIn(item.prompt, body.gaps).map((gap) => ({ ...gap, body: tidyBody(gap.body, item) })) }
    case 'table': {
      const used = new Set(body.rows.flat().map((cell) => cell.gap))
      const gaps = body.gaps.filter(({ id }) => used.has(id))
      return { ...body, gaps: gaps.map((gap) => ({ ...gap, body: tidyBody(gap.body, item) })) }
    }
    default:
      return body
  }
}
