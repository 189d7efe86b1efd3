import type { ExamRow } from '../../api/exams'

export type Shelf = 'open' | 'marking' | 'coming' | 'drafts' | 'done'
export const SHELVES: readonly Shelf[] = ['open', 'marking', 'coming', 'drafts', 'done']

/** Where a test stands in the list of who answers for it, at a moment (ms). */
export function shelfOf(exam: Pick<ExamRow, 'state' | 'opens_at' | 'closes_at' | 'ends_at'>, now: number): Shelf {
  if (exam.state === 'draft') return 'drafts'
  if (exam.state !== 'published') return 'done'
  if (exam.opens_at && Date.parse(exam.opens_at) > now) return 'coming'
  const end = exam.ends_at ?? exam.closes_at
  return end && Date.parse(end) <= now ? 'marking' : 'open'
}

/** The shelves that hold something; on each, what ends or opens first comes first, the newest of what is done. */
export function shelves(exams: readonly ExamRow[], now: number): { shelf: Shelf; items: ExamRow[] }[] {
  return SHELVES.map((shelf) => ({
    shelf,
    items: exams.filter((one) => shelfOf(one, now) === shelf).sort(orders[shelf]),
  })).filter(({ items }) => items.length > 0)
}

const at = (moment: string | null) => (moment ? Date.parse(moment) : Number.POSITIVE_INFINITY)
const newest = (a: ExamRow, b: ExamRow) => b.id.localeCompare(a.id)
const first = (a: ExamRow, b: ExamRow) => at(a.closes_at) - at(b.closes_at) || newest(a, b)
const orders: Record<Shelf, (a: ExamRow, b: ExamRow) => number> = {
  open: (a, b) => (a.closes_at === b.closes_at ? newest(a, b) : first(a, b)),
  coming: (a, b) => at(a.opens_at) - at(b.opens_at) || newest(a, b),
  marking: newest,
  drafts: newest,
  done: newest,
}
