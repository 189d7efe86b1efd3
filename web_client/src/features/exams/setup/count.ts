import type { ExamsApi } from '../../../api/exams'
import type { Scope } from '../../../base/scope'
import { Cell as Kept, type Value } from '../../../base/value'
import type { CellDraft, Draft } from '../draft'

type Known = Readonly<Record<string, number>>
type Asked = Pick<Draft, 'banks' | 'kind' | 'languages'>

/** How many questions the banks have for a cell of a blueprint: asked once for each, and kept. */
export class Counter {
  private readonly cell = new Kept<Known>({})
  private readonly asked = new Set<string>()

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<ExamsApi, 'fits'>,
  ) {}

  get known(): Value<Known> {
    return this.cell
  }

  /** Undefined while it is not known. */
  of(draft: Asked, cell: CellDraft): number | undefined {
    return this.cell.get()[keyOf(draft, cell)]
  }

  /** Asks for what is not known yet, all at once. */
  async want(draft: Asked & Pick<Draft, 'sections'>): Promise<void> {
    const { banks, kind, languages } = draft
    if (banks.length === 0 || languages.length === 0) return
    const cells = draft.sections.flatMap((section) => section.cells)
    const fresh = new Map(cells.map((cell) => [keyOf(draft, cell), cell]))
    for (const key of this.asked) fresh.delete(key)
    if (fresh.size === 0) return
    for (const key of fresh.keys()) this.asked.add(key)
    const wanted = [...fresh.values()].map(({ objective, difficulty }) => ({ objective, difficulty }))
    try {
      const body = { banks: [...banks], languages: [...languages], kind, cells: wanted }
      const { counts } = await this.api.fits(body)
      const found = Object.fromEntries([...fresh.keys()].map((key, at) => [key, counts[at] ?? 0]))
      if (!this.scope.ended) this.cell.update((known) => ({ ...known, ...found }))
    } catch {
      for (const key of fresh.keys()) this.asked.delete(key)
    }
  }
}

function keyOf({ banks, kind, languages }: Asked, { objective, difficulty }: CellDraft): string {
  return [kind === 'practice', ...languages, ...banks, difficulty, objective].join(' ')
}
