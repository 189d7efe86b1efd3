import type { ExamsApi, ItemRow } from '../../../api/exams'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'

export interface Search {
  rows: readonly ItemRow[]
  busy: boolean
  /** There may be more: of this bank, or of the next one. */
  more: boolean
  error: unknown
}

interface Source {
  bank: string
  after?: string
}

/** Questions at least that each step brings, while there are any. */
export const STEP = 20

/** Looks for questions in several banks, one after the other, as far as somebody reads. */
export class Finder {
  private readonly cell = new Cell<Search>({ rows: [], busy: true, more: false, error: null })
  private sources: Source[] = []
  private asked = { search: '', drafts: false }
  private turn = 0

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<ExamsApi, 'findItems'>,
  ) {}

  get state(): Value<Search> {
    return this.cell
  }

  async begin(banks: readonly string[], search: string, drafts: boolean): Promise<void> {
    this.sources = banks.map((bank) => ({ bank }))
    this.asked = { search, drafts }
    await this.read([])
  }

  async more(): Promise<void> {
    if (!this.cell.get().busy) await this.read(this.cell.get().rows)
  }

  private async read(before: readonly ItemRow[]): Promise<void> {
    const turn = ++this.turn
    const { search, drafts } = this.asked
    const rows = [...before]
    this.put({ busy: true, error: null })
    try {
      for (let source = this.sources[0]; source && rows.length < before.length + STEP; source = this.sources[0]) {
        const { items, next } = await this.api.findItems(source.bank, search, drafts, source.after)
        if (turn !== this.turn) return
        rows.push(...items)
        this.sources = [...(next ? [{ bank: source.bank, after: next }] : []), ...this.sources.slice(1)]
      }
      this.put({ rows, busy: false, more: this.sources.length > 0 })
    } catch (error) {
      if (turn === this.turn) this.put({ rows, busy: false, more: this.sources.length > 0, error })
    }
  }

  private put(part: Partial<Search>): void {
    if (!this.scope.ended) this.cell.update((state) => ({ ...state, ...part }))
  }
}
