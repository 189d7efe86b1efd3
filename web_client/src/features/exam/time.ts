import type { LeftView, SittingView } from './shapes'

/** Milliseconds left, null without a limit. `whole`: of the sitting; `section`: of the one that is open. */
export interface Left {
  whole: number | null
  section: number | null
}

/** What is left `passed` milliseconds after the server said so; never less than nothing. */
export function leftAfter(left: LeftView, passed: number): Left {
  const gone = left.stands ? 0 : Math.max(0, passed)
  const rest = (seconds: number | null) => (seconds === null ? null : Math.max(0, seconds * 1000 - gone))
  return { whole: rest(left.whole), section: rest(left.section) }
}

/** What is up first. */
export function soonest({ whole, section }: Left): number | null {
  const both = [whole, section].filter((one) => one !== null)
  return both.length > 0 ? Math.min(...both) : null
}

const TOLD = [600_000, 300_000, 60_000]

/** Which of the moments that are said aloud lies between two looks at the clock; null for none. */
export function toldBetween(before: number | null, now: number | null): number | null {
  if (before === null || now === null) return null
  return TOLD.find((moment) => before > moment && now <= moment) ?? null
}

/** Whether a question can be answered now. */
export function isOpen(view: SittingView, section: number): boolean {
  return !view.exam.in_turn || section === view.section
}

export const UNDER_WAY = ['running', 'interrupted']
export const BEFORE = ['planned', 'checking', 'ready']
export const OVER = ['handed_in', 'terminated', 'accepted', 'voided', 'missed']
