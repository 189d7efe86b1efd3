/** What is wrong with a question, brought to the place where an author sees it, in words. */
import type { TFunction } from 'i18next'
import { Refusal } from '../../base/errors'

/** `where` as in `body.options[2].words`, `why` one word of `lms_core/items/checks.py`. */
export interface Fault {
  where: string
  why: string
}

export const WHY = [
  ...(['none', 'few', 'many', 'long', 'id', 'twice', 'unknown', 'language', 'range', 'file', 'parameter', 'key'] as const),
  ...(['deep', 'place', 'rule', 'number', 'shape'] as const),
] as const
/** Said only once somebody wants to keep or send the question: it is not finished yet. */
const UNFINISHED = new Set(['none', 'few', 'key'])

/** Those at this place itself. */
export function faultsAt(faults: readonly Fault[], where: string): Fault[] {
  return faults.filter((one) => one.where === where)
}

/** Those at this place or within it. */
export function faultsWithin(faults: readonly Fault[], where: string): Fault[] {
  return faults.filter((one) => one.where === where || one.where.startsWith(`${where}.`) || one.where.startsWith(`${where}[`))
}

/** All of them, or those that are wrong however much is still to be written. */
export function toTell(faults: readonly Fault[], all: boolean): Fault[] {
  return all ? [...faults] : faults.filter(({ why }) => !UNFINISHED.has(why))
}

/** The same faults with places in `draft`, of which `sent` is a tidied copy with fewer things in its lists. */
export function placed(faults: readonly Fault[], sent: unknown, draft: unknown): Fault[] {
  return faults.map(({ where, why }) => ({ where: placeIn(where, sent, draft), why }))
}

/** The refusal of a question that is no question yet, as a fault; null where it is something else. */
export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof Refusal)) return null
  const { where, why } = error.params
  if (error.code === 'item_unfit') return { where: String(where), why: WHY.some((one) => one === why) ? String(why) : 'shape' }
  if (error.code !== 'malformed' || typeof where !== 'string') return null
  // pydantic names an index as `.2.`, a fault as `[2].`
  return { where: where.replace(/\.(\d+)(?=\.|$)/g, '[$1]'), why: 'shape' }
}

/** `Option 3`, `Right answers`: the name of a place. */
export function nameOf(where: string, t: TFunction): string {
  const parts: string[] = []
  let path = ''
  for (const found of where.matchAll(/([a-z_]+)(?:\[(\d+)\])?/g)) {
    const [, name = '', index] = found
    path = path ? `${path}_${name}` : name
    const key = name === 'right' && index !== undefined ? 'right_side' : name
    const known = t([`bank.place.${path}`, `bank.place.${key}`], { defaultValue: '' })
    if (name === 'body' || !known) continue
    parts.push(index === undefined ? known : `${known} ${Number(index) + 1}`)
  }
  return parts.join(' · ') || t('bank.place.item')
}

/** What is to be done about it, in a sentence. */
export function whyOf({ where, why }: Fault, t: TFunction): string {
  const last = where.replace(/\[\d+\]/g, '').split('.').at(-1) ?? ''
  return t([`bank.why.${why}_at_${last}`, `bank.why.${why}`, 'bank.why.shape'])
}

function placeIn(where: string, sent: unknown, draft: unknown): string {
  let made = ''
  let [here, there] = [sent, draft]
  for (const [, name, index] of where.matchAll(/\.?([a-z_0-9]+)|\[(\d+)\]/g)) {
    if (name !== undefined) {
      made += made ? `.${name}` : name
      here = field(here, name)
      there = field(there, name)
    } else {
      const at = Number(index)
      const same = placeOf(here, there, at)
      made += `[${same}]`
      here = Array.isArray(here) ? here[at] : undefined
      there = Array.isArray(there) ? there[same] : undefined
    }
  }
  return made
}

function field(of: unknown, name: string): unknown {
  return of && typeof of === 'object' ? (of as Record<string, unknown>)[name] : undefined
}

/** Where that which stands at `at` of one list stands in the other. */
function placeOf(here: unknown, there: unknown, at: number): number {
  if (!Array.isArray(here) || !Array.isArray(there)) return at
  const one: unknown = here[at]
  const same = there.indexOf(one)
  if (same >= 0) return same
  const id = field(one, 'id')
  const byId = id === undefined ? -1 : there.findIndex((other) => field(other, 'id') === id)
  return byId >= 0 ? byId : at
}
