/** Questions of a bank through a filter, page by page. */
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import type { ItemRow, ItemsPage, ItemsWanted } from './shapes'

export const STATES = ['draft', 'review', 'approved', 'retired'] as const
export type State = (typeof STATES)[number]
export const DIFFICULTIES = [1, 2, 3, 4, 5] as const

/** As it stands in an address; what is not asked is not there. */
export type Filter = Omit<ItemsWanted, 'after'>
const KEYS = ['search', 'kind', 'subject', 'objective', 'difficulty', 'state', 'language'] as const

export type ListState =
  | { phase: 'loading' }
  | { phase: 'failed'; error: unknown }
  | {
      phase: 'ready'
      items: readonly ItemRow[]
      /** Of this filter. */
      total: number
      /** When that was so, by the server's clock. */
      at: string
      next: string | null
      busy: boolean
      error: unknown
    }

/** Reads the first page at once; a filter that changes reads anew, and what was shown stays until then. */
export class ItemsModel {
  private readonly cell = new Cell<ListState>({ phase: 'loading' })
  private asked = 0
  private filter: Filter

  constructor(
    private readonly scope: Scope,
    private readonly ask: (wanted: ItemsWanted) => Promise<ItemsPage>,
    filter: Filter,
  ) {
    this.filter = filter
    void this.read()
  }

  get state(): Value<ListState> {
    return this.cell
  }

  choose(filter: Filter): void {
    if (searchOf(filter) === searchOf(this.filter)) return
    this.filter = filter
    void this.read()
  }

  async read(): Promise<void> {
    const turn = ++this.asked
    try {
      const { items, next, total, at } = await this.ask(this.filter)
      this.put(turn, { phase: 'ready', items, next: next || null, total, at, busy: false, error: null })
    } catch (error) {
      this.put(turn, { phase: 'failed', error })
    }
  }

  again(): void {
    this.cell.set({ phase: 'loading' })
    void this.read()
  }

  async more(): Promise<void> {
    const now = this.cell.get()
    if (now.phase !== 'ready' || now.busy || !now.next) return
    const turn = this.asked
    this.put(turn, { ...now, busy: true, error: null })
    try {
      const page = await this.ask({ ...this.filter, after: now.next })
      const items = [...now.items, ...page.items]
      this.put(turn, { ...now, items, next: page.next || null, busy: false, error: null })
    } catch (error) {
      this.put(turn, { ...now, busy: false, error })
    }
  }

  private put(turn: number, state: ListState): void {
    if (turn === this.asked && !this.scope.ended) this.cell.set(state)
  }
}

export function filterOf(search: string): Filter {
  const asked = new URLSearchParams(search)
  const found: Record<string, string | number> = {}
  for (const key of KEYS) {
    const value = asked.get(key)?.trim()
    if (!value) continue
    if (key !== 'difficulty') found[key] = value
    else if (DIFFICULTIES.some((one) => String(one) === value)) found[key] = Number(value)
  }
  return found as Filter
}

export function searchOf(filter: Filter): string {
  const asked = new URLSearchParams()
  for (const key of KEYS) if (filter[key]) asked.set(key, String(filter[key]))
  const search = asked.toString()
  return search && `?${search}`
}

/** How easy a question was found: the share of points that were got. */
export function easeOf(facility: number): 'hard' | 'fair' | 'easy' {
  return facility < 0.3 ? 'hard' : facility > 0.85 ? 'easy' : 'fair'
}

/** How well it told the strong from the weak (point-biserial, -1 to 1). */
export function tellingOf(discrimination: number): 'wrong' | 'weak' | 'well' {
  return discrimination < 0 ? 'wrong' : discrimination < 0.2 ? 'weak' : 'well'
}
