import type { Results } from '../../../api/exams'
import { compareNames } from '../../../base/format'
import { named } from '../../../base/i18n'

export type Row = Results['rows'][number]
export type Question = Results['statistics']['questions'][number]
export type Order = 'name' | 'points' | 'group'

export function ordered(rows: readonly Row[], by: Order): Row[] {
  const names = (a: Row, b: Row) => compareNames(a.name, b.name)
  const points = (row: Row) => (row.points === null ? -1 : Number(row.points))
  const of: Record<Order, (a: Row, b: Row) => number> = {
    name: names,
    points: (a, b) => points(b) - points(a) || names(a, b),
    group: (a, b) => compareNames(a.group, b.group) || names(a, b),
  }
  return [...rows].sort(of[by])
}

/** Fewer learners than these say nothing of a question: chance is larger than what would be seen. */
export const FEW = 20

const TOO_HARD = 0.2
const TOO_EASY = 0.95
const TELLS_LITTLE = 0.1
const UNCHOSEN = 0.02
const WEAK = 0.7

/** A sentence below `results.warns`. `bad`: the question should be looked at before results go out. */
export interface Warning {
  what: string
  bad?: boolean
  params?: Record<string, string>
}

/** What the figures of a question mean in plain words. The bounds are those of textbooks (Crocker & Algina 1986,
 *  ch. 14; Ebel 1965: discrimination below 0.1 is poor, a negative one is a fault of the question or of its key). */
export function warningsOf(question: Question): Warning[] {
  const warns: Warning[] = []
  const { facility, discrimination, options, asked } = question
  if (asked === 0 || facility === null) return []
  if (discrimination !== null && asked >= FEW) {
    if (discrimination < 0) warns.push({ what: 'upsideDown', bad: true })
    else if (discrimination < TELLS_LITTLE && facility < TOO_EASY) warns.push({ what: 'tellsLittle' })
  }
  if (facility < TOO_HARD) warns.push({ what: 'tooHard' })
  if (facility > TOO_EASY) warns.push({ what: 'tooEasy' })
  for (const { id, title, right, suspect, share } of options) {
    const params = { option: named(title) || id }
    if (suspect && asked >= FEW) warns.push({ what: right ? 'keyMisleads' : 'optionMisleads', bad: true, params })
    else if (!right && share < UNCHOSEN && asked >= FEW) warns.push({ what: 'unchosen', params })
  }
  return warns
}

/** What the reliability of the test means: a sentence below `results.alpha`. */
export function alphaWord(alpha: number | null, learners: number): 'none' | 'few' | 'weak' | 'good' | 'high' {
  if (alpha === null) return 'none'
  if (learners < FEW) return 'few'
  return alpha < WEAK ? 'weak' : alpha < 0.85 ? 'good' : 'high'
}

/** A histogram's columns as tall as they are to each other, 0 to 1. */
export function heights(counts: readonly { count: number }[]): number[] {
  const most = Math.max(1, ...counts.map(({ count }) => count))
  return counts.map(({ count }) => count / most)
}

/** Who is to be offered another try: marked, and not passed. */
export function failedIn(rows: readonly Row[]): Set<string> {
  const passed = new Set(rows.filter((row) => row.passed).map(({ person_id }) => person_id))
  const failed = rows.filter((row) => row.passed === false && !passed.has(row.person_id))
  return new Set(failed.map(({ person_id }) => person_id))
}
