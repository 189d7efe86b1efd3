/** Many questions led on at once: which are chosen, what may be done with them, and what came of it. */
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import { type Filter, type State, STATES } from './list'
import { type Act, actsFrom } from './review'
import type { ItemRow, StatesChanged, StatesWanted } from './shapes'

/** Questions in one request: of that many the server answers within a second or two. */
export const PART = 1000
/** That may be named in one request. */
export const MOST_NAMED = 500

/** All that a filter finds, as they were at a moment. */
export interface Found {
  filter: Filter
  total: number
  at: string
}
export interface Report {
  act: Act['name']
  changed: number
  already: number
  refused: readonly Refused[]
  /** It was stopped, or the line was cut: the others were not asked for. */
  cut: boolean
}
export type Refused = StatesChanged['refused'][number]

export interface Choice {
  chosen: ReadonlyMap<string, ItemRow>
  /** Instead of those chosen: all that were found. */
  all: Found | null
  /** How many went through of how many, while something is done. */
  going: { done: number; of: number } | null
  report: Report | null
}

const NONE: Choice = { chosen: new Map(), all: null, going: null, report: null }

export class ManyModel {
  private readonly cell = new Cell<Choice>(NONE)
  private stopped = false

  constructor(
    private readonly scope: Scope,
    private readonly ask: (wanted: StatesWanted) => Promise<StatesChanged>,
  ) {}

  get state(): Value<Choice> {
    return this.cell
  }

  /** One more, or one fewer; of all that were found, those on the page but this one stay. */
  toggle(row: ItemRow, shown: readonly ItemRow[]): void {
    const { chosen, all } = this.cell.get()
    const next = new Map(all ? shown.map((one) => [one.id, one]) : chosen)
    if (!next.delete(row.id)) next.set(row.id, row)
    this.put({ chosen: next, all: null, report: null })
  }

  /** All on the page, or none. */
  choose(shown: readonly ItemRow[]): void {
    this.put({ chosen: new Map(shown.map((one) => [one.id, one])), all: null, report: null })
  }

  chooseAll(found: Found): void {
    this.put({ chosen: new Map(), all: found, report: null })
  }

  clear(): void {
    this.put({ chosen: new Map(), all: null, report: null })
  }

  /** No further part is asked for. */
  stop(): void {
    this.stopped = true
  }

  /** Leads them on part by part; throws only where nothing was done. */
  async lead(act: Act, comment: string): Promise<void> {
    const now = this.cell.get()
    const parts = partsOf(now, act.to, comment)
    let report: Report = { act: act.name, changed: 0, already: 0, refused: [], cut: false }
    this.stopped = false
    this.put({ going: { done: 0, of: countOf(now) } })
    try {
      for (let wanted = parts.shift(); wanted; ) {
        const told = await this.ask(wanted)
        report = added(report, told)
        this.put({ going: { done: throughOf(report), of: countOf(now) } })
        wanted = told.next ? { ...wanted, after: told.next } : parts.shift()
        if (wanted && this.stopped) {
          report = { ...report, cut: true }
          break
        }
      }
    } catch (error) {
      this.put({ going: null })
      if (throughOf(report) === 0) throw error
      report = { ...report, cut: true }
    }
    this.put({ chosen: new Map(), all: null, going: null, report })
  }

  private put(part: Partial<Choice>): void {
    if (!this.scope.ended) this.cell.set({ ...this.cell.get(), ...part })
  }
}

export function countOf({ chosen, all }: Pick<Choice, 'chosen' | 'all'>): number {
  return all ? all.total : chosen.size
}

/** What somebody may do with those chosen: whatever one of them allows. */
export function actsOn({ chosen, all }: Pick<Choice, 'chosen' | 'all'>, may: readonly string[]): Act[] {
  const wanted = all?.filter.state
  const states = all
    ? STATES.filter((one) => (wanted ? one === wanted : one !== 'retired'))
    : STATES.filter((one) => [...chosen.values()].some(({ state }) => state === one))
  const found = new Map<string, Act>()
  for (const state of states) for (const act of actsFrom(state, may)) found.set(act.name, act)
  if (found.has('return')) found.delete('withdraw')
  return [...found.values()]
}

function partsOf({ chosen, all }: Choice, state: State, comment: string): StatesWanted[] {
  if (all) return [{ state, comment, filter: all.filter, seen_at: all.at, most: PART }]
  const rows = [...chosen.values()].map(({ id, version }) => ({ id, version }))
  return Array.from({ length: Math.ceil(rows.length / MOST_NAMED) }, (_, at) => ({
    state,
    comment,
    items: rows.slice(at * MOST_NAMED, (at + 1) * MOST_NAMED),
  }))
}

function throughOf({ changed, already, refused }: Report): number {
  return refused.reduce((sum, { count }) => sum + count, changed + already)
}

function added(report: Report, told: StatesChanged): Report {
  const refused = new Map(report.refused.map((one) => [one.why, one]))
  for (const one of told.refused) {
    const before = refused.get(one.why)
    refused.set(one.why, before ? { ...before, count: before.count + one.count } : one)
  }
  return {
    ...report,
    changed: report.changed + told.changed,
    already: report.already + told.already,
    refused: [...refused.values()],
  }
}
