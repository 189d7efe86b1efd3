import type { ExamView } from '../../api/exams'

export type Tab = 'set-up' | 'takers' | 'now' | 'marking' | 'results'

/** The parts of a test that somebody may open: a marker marks, a proctor watches, a chair does all. */
export function tabsOf({ part, state }: Pick<ExamView, 'part' | 'state'>): Tab[] {
  if (state === 'draft') return part === 'chair' || part === 'reader' ? ['set-up'] : []
  if (part === 'marker') return ['marking']
  if (part === 'proctor') return ['now', 'takers']
  if (part === 'reader') return ['set-up', 'takers', 'now', 'results']
  return ['set-up', 'takers', 'now', 'marking', 'results']
}

const GOING = ['checking', 'running', 'interrupted', 'paused'] as const

/** What is likely wanted first: what goes on, else what is to be marked; undefined where nothing may be opened. */
export function firstOf(exam: Pick<ExamView, 'part' | 'state' | 'sittings'>): Tab | undefined {
  const tabs = tabsOf(exam)
  const { state, sittings } = exam
  const ended = sittings.handed_in || sittings.terminated
  const wanted: Tab =
    state === 'released'
      ? 'results'
      : GOING.some((one) => sittings[one])
        ? 'now'
        : ended
          ? 'marking'
          : 'takers'
  return tabs.includes(wanted) ? wanted : tabs[0]
}
