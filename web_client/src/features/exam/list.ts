import type { ExamRow } from './shapes'
import { OVER } from './time'

export type Way = 'soon' | 'begin' | 'goOn' | 'look' | 'lookAndBegin' | 'closed' | 'cancelled' | 'missed'

/** What a learner may do about an exam now. */
export function wayOf(
  row: Pick<ExamRow, 'state' | 'sitting' | 'attempts' | 'opens_at' | 'closes_at'>,
  now: number,
): Way {
  const { sitting } = row
  if (sitting && !OVER.includes(sitting.state)) return 'goOn'
  const open = row.state === 'published' && (!row.closes_at || Date.parse(row.closes_at) > now)
  const begun = !row.opens_at || Date.parse(row.opens_at) <= now
  if (sitting?.state === 'missed') return 'missed'
  if (sitting) return open && begun && sitting.attempt < row.attempts ? 'lookAndBegin' : 'look'
  if (row.state === 'cancelled') return 'cancelled'
  if (!open) return 'closed'
  return begun ? 'begin' : 'soon'
}

/** Whether it may be begun or gone on with now, and was not passed yet. */
export const isOpen = (row: Parameters<typeof wayOf>[0], now: number) =>
  ['begin', 'goOn'].includes(wayOf(row, now))
