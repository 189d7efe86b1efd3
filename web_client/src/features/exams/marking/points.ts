import type { MarkingTask } from '../../../api/exams'
import { decimalOf } from '../decimal'

type Criterion = MarkingTask['rubric'][number]

/** What is typed after a key: digits, one comma, and taking back; anything above `most` is begun anew. */
export function typedAfter(typed: string, key: string, most: number): string {
  if (key === 'Backspace') return typed.slice(0, -1)
  if (key === ',' || key === '.') return typed.includes(',') ? typed : `${typed || '0'},`
  if (!/^\d$/.test(key)) return typed
  const longer = typed === '0' ? key : typed + key
  const fits = (text: string) => Number(decimalOf(text) ?? Number.NaN) <= most
  return fits(longer) ? longer : fits(key) ? key : typed
}

/** Why points cannot be given: a sentence below `marking.unfit`; null when they can. */
export function unfit(typed: string, most: string, step: string): 'missing' | 'number' | 'above' | 'step' | null {
  if (!typed.trim()) return 'missing'
  const points = decimalOf(typed)
  if (points === null) return 'number'
  if (Number(points) > Number(most)) return 'above'
  const steps = Number(points) / Number(step)
  return Number(points) === Number(most) || Math.abs(steps - Math.round(steps)) < 1e-9 ? null : 'step'
}

/** Criterion → chosen level. */
export type Levels = Readonly<Record<string, string>>

/** Points of the chosen levels; null until every criterion has one. */
export function rubricPoints(rubric: readonly Criterion[], levels: Levels): number | null {
  let all = 0
  for (const { id, levels: known } of rubric) {
    const chosen = known.find((level) => level.id === levels[id])
    if (!chosen) return null
    all += Number(chosen.points)
  }
  return Math.round(all * 1e6) / 1e6
}

/** A digit chooses a level of the criterion that waits (the first without one, or the one looked at). */
export function levelBy(digit: string, rubric: readonly Criterion[], at: number): [string, string] | null {
  const criterion = rubric[at]
  const level = criterion?.levels[Number(digit) - 1]
  return criterion && level ? [criterion.id, level.id] : null
}

/** The next criterion without a level after one; the same where there is none. */
export function nextOpen(rubric: readonly Criterion[], levels: Levels, at: number): number {
  const order = [...rubric.keys()].map((nth) => (at + 1 + nth) % rubric.length)
  return order.find((nth) => !levels[rubric[nth]!.id]) ?? at
}
