import type { ExamsApi, SittingRow } from '../../../api/exams'
import { follow, type Follower, type Synced } from '../../../api/events'
import type { Link } from '../../../api/link'
import type { Clock } from '../../../base/clock'
import { every } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import type { Value } from '../../../base/value'

export type State = SittingRow['state']
export type Act =
  'admit' | 'pause' | 'resume' | 'add_time' | 'hand_in' | 'terminate' | 'reactivate' | 'miss'

/** What who watches may do to a sitting in a state: the table of the server, without what the server does itself. */
const ACTS: Readonly<Partial<Record<State, readonly Act[]>>> = {
  planned: ['miss'],
  checking: ['admit', 'miss'],
  ready: ['miss'],
  running: ['pause', 'add_time', 'hand_in', 'terminate'],
  interrupted: ['pause', 'add_time', 'hand_in', 'terminate'],
  paused: ['resume', 'add_time', 'hand_in', 'terminate'],
  terminated: ['reactivate'],
}
/** Only who answers for the exam says that somebody did not come. */
const OF_CHAIR: readonly Act[] = ['miss']
export const WITH_REASON: readonly Act[] = ['terminate', 'reactivate', 'add_time']

export function actsOf(state: State, isChair: boolean): readonly Act[] {
  const acts = ACTS[state] ?? []
  return isChair ? acts : acts.filter((act) => !OF_CHAIR.includes(act))
}

/** Who waits for somebody comes first, then who cannot be seen, then who works, then who is done. */
const RANK: readonly State[] = [
  'checking',
  'terminated',
  'interrupted',
  'paused',
  'running',
  'ready',
  'planned',
  'handed_in',
  'accepted',
  'voided',
  'missed',
]

export function inOrder(rows: readonly SittingRow[]): SittingRow[] {
  const rank = ({ state }: SittingRow) => RANK.indexOf(state)
  return [...rows].sort((a, b) => rank(a) - rank(b) || a.since.localeCompare(b.since))
}

/** The order of before, with new ones behind: lines hold still while somebody reads or acts. */
export function held(order: readonly string[], rows: readonly SittingRow[]): SittingRow[] {
  const known = new Map(rows.map((row) => [row.id, row]))
  const kept = order.flatMap((id) => known.get(id) ?? [])
  const isNew = ({ id }: SittingRow) => !order.includes(id)
  return [...kept, ...inOrder(rows.filter(isNew))]
}

/** Seconds left at a moment (ms), of what the server told at another; null without a limit. */
export function leftAt(row: Pick<SittingRow, 'left'>, read: number, now: number): number | null {
  const { whole, section, stands } = row.left
  const limits = [whole, section].filter((one) => one !== null)
  if (limits.length === 0) return null
  const gone = stands ? 0 : Math.max(0, now - read) / 1000
  return Math.max(0, Math.min(...limits) - gone)
}

export function countOf(rows: readonly SittingRow[]): Partial<Record<State, number>> {
  const counts: Partial<Record<State, number>> = {}
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

export interface Watched {
  rows: readonly SittingRow[]
  /** When they were read, in milliseconds. */
  read: number
}

/** How far answers have got is told by no event: it is asked for so often (ms). */
const STEP = 10_000

/** The sittings of an exam as they go on: moves come by themselves, the rest is asked for again and again. */
export class WatchModel {
  private readonly follower: Follower<Watched>

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<ExamsApi, 'sittings' | 'move'>,
    link: Link,
    private readonly clock: Clock,
    readonly examId: string,
  ) {
    link.use(scope)
    this.follower = follow(scope, link, {
      snapshot: async () => {
        const { items, position } = await api.sittings(examId)
        const state = { rows: items, read: clock.now() }
        return { topic: `exam:${examId}`, position, state }
      },
      reduce: (watched, fact) => {
        if (fact.name === 'exams.sitting_moved' || fact.name === 'exams.handed_in') void this.refresh()
        return watched
      },
    })
    every(scope, clock, STEP, () => void this.refresh())
  }

  get sittings(): Value<Synced<Watched>> {
    return this.follower.value
  }

  /** Answers whether it is done; refusals go to who asked. */
  async move(sittingId: string, act: Act, why: string, seconds?: number): Promise<void> {
    await this.api.move(sittingId, { act, why, added_seconds: seconds ?? null })
    await this.refresh()
  }

  async refresh(): Promise<void> {
    try {
      const { items } = await this.api.sittings(this.examId)
      if (this.scope.ended) return
      this.follower.change(() => ({ rows: items, read: this.clock.now() }))
    } catch {
      // The lines of before stay, and the next turn asks again.
    }
  }

  reload(): void {
    void this.follower.reload()
  }
}
