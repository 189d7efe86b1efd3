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

/** Whether one question is open at a time, and none is come back to. */
export function isOneByOne({ exam }: Pick<SittingView, 'exam'>): boolean {
  return exam.navigation === 'question'
}

/** The exam's section that is open; null where that is not to be seen now. */
export function sectionOf(view: Pick<SittingView, 'exam' | 'section' | 'questions'>): number | null {
  return isOneByOne(view) ? (view.questions[0]?.section ?? null) : view.section
}

/** Whether what is open now, a section or a question, has another one after it that opens when it is left. */
export function hasNext({ exam, places, section }: Pick<SittingView, 'exam' | 'places' | 'section'>): boolean {
  if (isOneByOne({ exam })) return section + 1 < totalOf({ places })
  return exam.in_turn && section + 1 < exam.sections.length
}

/** How many questions the paper has. */
export function totalOf({ places }: Pick<SittingView, 'places'>): number {
  return places.reduce((sum, count) => sum + count, 0)
}

export const UNDER_WAY = ['running', 'interrupted']
export const BEFORE = ['planned', 'checking', 'ready']
export const OVER = ['handed_in', 'terminated', 'accepted', 'voided', 'missed']
