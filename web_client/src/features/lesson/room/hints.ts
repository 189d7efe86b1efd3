import type { Clock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import type { Source } from '../../../api/types'
import type { Room } from '../../../media/room'
import { personWith } from '../../../media/roomState'
import type { Hint } from '../../../media/told'

export interface Flying {
  key: number
  kind: string
  name: string
}

export interface Asked {
  source: Source
  by: string
}

/** A sentence over the page, for a while. */
export type Banner =
  | { kind: 'picked'; name: string; mine: boolean }
  | { kind: 'called'; text: string; by: string }
  | null

const FLIES = 4_000
const MOST_FLYING = 12
const PICKED = 6_000
const CALLED = 20_000

/** What passes: reactions, questions, calls. Each goes away by itself. */
export class Hints {
  private readonly flyingCell = new Cell<readonly Flying[]>([])
  private readonly askedCell = new Cell<Asked | null>(null)
  private readonly bannerCell = new Cell<Banner>(null)
  private keys = 0
  private cancels = new Map<string, () => void>()

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly room: Room,
  ) {
    room.onHint(scope, (hint) => this.take(hint))
    scope.onEnd(() => this.cancels.forEach((cancel) => cancel()))
  }

  get flying(): Value<readonly Flying[]> {
    return this.flyingCell
  }

  /** What the teacher asks one to turn on; nothing turns on by itself. */
  get asked(): Value<Asked | null> {
    return this.askedCell
  }

  get banner(): Value<Banner> {
    return this.bannerCell
  }

  answer(yes: boolean): void {
    const asked = this.askedCell.get()
    this.askedCell.set(null)
    if (!yes || !asked) return
    if (asked.source === 'camera') this.room.own.setCamera(true)
    else if (asked.source === 'screen') void this.room.own.shareScreen()
    else this.room.own.setMicrophone(true)
  }

  closeBanner(): void {
    this.bannerCell.set(null)
  }

  private take(hint: Hint): void {
    switch (hint.name) {
      case 'reaction':
        return this.fly(hint.body.kind, this.nameOf(hint.body.participant_id))
      case 'asked_to_unmute':
        return this.askedCell.set({ source: hint.body.source, by: this.nameOf(hint.body.by) })
      case 'picked': {
        const { participant_id: id } = hint.body
        const mine = id === this.room.state.get().me
        return this.show({ kind: 'picked', name: this.nameOf(id), mine }, PICKED)
      }
      case 'called': {
        const { text, by } = hint.body
        return this.show({ kind: 'called', text, by: this.nameOf(by) }, CALLED)
      }
    }
  }

  private fly(kind: string, name: string): void {
    const key = ++this.keys
    this.flyingCell.update((flying) => [...flying, { key, kind, name }].slice(-MOST_FLYING))
    this.later(`fly ${key}`, FLIES, () =>
      this.flyingCell.update((flying) => flying.filter((one) => one.key !== key)),
    )
  }

  private show(banner: Banner, length: number): void {
    this.bannerCell.set(banner)
    this.later('banner', length, () => this.bannerCell.set(null))
  }

  private later(what: string, delay: number, then: () => void): void {
    this.cancels.get(what)?.()
    if (this.scope.ended) return
    const cancel = this.clock.after(delay, () => {
      this.cancels.delete(what)
      then()
    })
    this.cancels.set(what, cancel)
  }

  /** By the participant's id; a name that is not an id stands for itself. */
  private nameOf(id: string): string {
    return personWith(this.room.state.get(), id)?.name ?? id
  }
}
