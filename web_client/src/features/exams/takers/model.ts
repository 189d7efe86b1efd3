import type { TakerData, TakerView } from '../../../api/exams'
import { compareNames } from '../../../base/format'
import { decimalOf } from '../decimal'

/** What is set of one taker, as a form holds it. `percent`: how much longer, `minutes`: and so much more. */
export interface Allowed {
  seat: string
  percent: string
  minutes: string
  exempt: boolean
  admitted: boolean
  refusal: string
}

/** `5/4` is a quarter longer. */
export function percentOf(factor: string): string {
  const [above, below = '1'] = factor.split('/')
  const share = Number(above) / Number(below)
  return Number.isFinite(share) && share > 1 ? String(Math.round((share - 1) * 10_000) / 100) : ''
}

/** A fraction in its lowest terms, of percent with two decimals at most. */
export function factorOf(percent: string): string {
  const found = Math.round(Number(decimalOf(percent) ?? 0) * 100)
  if (found === 0) return '1'
  const above = 10_000 + found
  const common = divisor(above, 10_000)
  const below = 10_000 / common
  return below === 1 ? String(above / common) : `${above / common}/${below}`
}

export function allowedOf(taker: TakerView): Allowed {
  const { seat, factor, extra_seconds, exempt, admitted, refusal } = taker
  const minutes = extra_seconds ? String(Math.round(extra_seconds / 6) / 10) : ''
  return { seat, percent: percentOf(factor), minutes, exempt, admitted, refusal }
}

export function takerData(allowed: Allowed): TakerData {
  const { seat, percent, minutes, exempt, admitted, refusal } = allowed
  return {
    seat: seat.trim(),
    factor: factorOf(percent),
    extra_seconds: Math.round(Number(decimalOf(minutes) ?? 0) * 60),
    exempt,
    admitted,
    refusal: refusal.trim(),
  }
}

export type Standing = 'exempt' | 'refused' | 'checked' | 'out' | 'sat' | 'expected'

/** What is to be said of a taker first. `checked`: an admission check refuses them, and nobody has overruled it. */
export function standingOf({ exempt, refusal, check, admitted, sittings }: TakerView): Standing {
  if (exempt) return 'exempt'
  if (refusal) return 'refused'
  if (check && !admitted) return 'checked'
  return sittings.length > 0 ? 'sat' : 'expected'
}

/** Who may be offered another try: who missed it, did not finish it, or did not pass. */
export function forResit(takers: readonly TakerView[], failed: ReadonlySet<string>): string[] {
  const done = ['handed_in', 'accepted']
  return takers
    .filter(({ exempt }) => !exempt)
    .filter(({ person_id, sittings }) => failed.has(person_id) || !sittings.some(({ state }) => done.includes(state)))
    .map(({ person_id }) => person_id)
}

/** By class, then by name in the order of the Kazakh alphabet. */
export function inOrder(takers: readonly TakerView[]): TakerView[] {
  return [...takers].sort((a, b) => compareNames(a.group, b.group) || compareNames(a.name, b.name))
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
