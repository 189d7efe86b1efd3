import type { BankView, ExamChoices, ItemRow, ObjectiveView } from '../../../api/exams'
import type { CellDraft, Draft, SectionDraft } from '../draft'
import type { Counter } from './count'

/** What the parts of the form share. */
export interface Form {
  draft: Draft
  change: (part: Partial<Draft>) => void
  /** Published: title, times, takers, commission and what is told change from then on, and nothing else. */
  fixed: boolean
  banks: readonly BankView[]
  objectives: readonly ObjectiveView[]
  choices: ExamChoices
  count: Counter
  /** What is known of questions picked by hand. */
  items: Readonly<Record<string, ItemRow>>
  learn: (items: readonly ItemRow[]) => void
}

/** The draft with one section changed; null takes it out. */
export function withSection(draft: Draft, at: number, part: Partial<SectionDraft> | null): Partial<Draft> {
  const sections = part
    ? draft.sections.map((one, nth) => (nth === at ? { ...one, ...part } : one))
    : draft.sections.filter((_, nth) => nth !== at)
  return { sections }
}

export function withCell(section: SectionDraft, at: number, part: Partial<CellDraft> | null): SectionDraft {
  const cells = part
    ? section.cells.map((one, nth) => (nth === at ? { ...one, ...part } : one))
    : section.cells.filter((_, nth) => nth !== at)
  return { ...section, cells }
}

/** Whether a number of questions of any kind is all that is asked for. */
export function isSimple({ sections }: Pick<Draft, 'sections'>): boolean {
  const [only, ...others] = sections
  if (!only || others.length > 0 || only.items.length > 0 || only.minutes || only.name) return false
  const [cell, ...more] = only.cells
  return Boolean(cell) && more.length === 0 && cell!.objective === '' && cell!.difficulty === 0
}
