import { isRefusal } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import type { Link } from './link'
import type { Commands, Fact } from './types'

/** How one topic is read: a snapshot with its position, and how a later fact changes it. */
export interface Topic<S> {
  snapshot(): Promise<Snapshot<S>>
  /** Must bear the same fact twice. */
  reduce(state: S, fact: Fact): S
}

export interface Snapshot<S> {
  topic: string
  position: number
  state: S
}

export type Synced<S> =
  { phase: 'loading' } | { phase: 'ready'; state: S } | { phase: 'failed'; error: unknown }

/** Keeps one topic up to date while `scope` lasts: snapshot, then facts after its position, and after
 *  each reconnection the facts since the last one seen; if those are gone, a new snapshot. */
export function follow<S>(scope: Scope, link: Link, topic: Topic<S>): Follower<S> {
  return new Follower(scope, link, topic)
}

export class Follower<S> {
  private readonly cell = new Cell<Synced<S>>({ phase: 'loading' })
  private name = ''
  private position = -1
  /** Facts that came while a snapshot or a subscription was on its way; null when none is. */
  private early: Fact[] | null = null
  private again = false

  constructor(
    private readonly scope: Scope,
    private readonly link: Link,
    private readonly topic: Topic<S>,
  ) {
    link.onFact(scope, (fact) => {
      if (this.early) this.early.push(fact)
      else this.take(fact)
    })
    let subscribed = false
    link.whenWhole(scope, () => {
      subscribed = true
      void this.catchUp()
    })
    if (!subscribed) void this.catchUp()
    scope.onEnd(() => {
      if (link.state.get() === 'whole' && this.name) {
        link.command('unsubscribe', { topic: this.name }).catch(() => undefined)
      }
    })
  }

  get value(): Value<Synced<S>> {
    return this.cell
  }

  /** Puts in what was read beside the facts (an older page, one item). */
  change(how: (state: S) => S): void {
    const synced = this.cell.get()
    if (synced.phase === 'ready') this.cell.set({ phase: 'ready', state: how(synced.state) })
  }

  /** Forgets everything and reads a new snapshot. */
  async reload(): Promise<void> {
    this.position = -1
    this.cell.set({ phase: 'loading' })
    await this.catchUp()
  }

  private async catchUp(): Promise<void> {
    if (this.early) {
      this.again = true
      return
    }
    this.early = []
    try {
      if (this.cell.get().phase !== 'ready') await this.readSnapshot()
      this.again = false
      if (this.link.state.get() === 'whole') await this.subscribe()
    } catch (error) {
      if (this.cell.get().phase !== 'ready') this.cell.set({ phase: 'failed', error })
    }
    const early = this.early
    this.early = null
    if (this.scope.ended) return
    for (const fact of early) this.take(fact)
    if (this.again) {
      this.again = false
      await this.catchUp()
    }
  }

  private async readSnapshot(): Promise<void> {
    const { topic, position, state } = await this.topic.snapshot()
    this.name = topic
    this.position = position
    this.cell.set({ phase: 'ready', state })
  }

  private async subscribe(): Promise<void> {
    const ask = () => this.link.command('subscribe', { topic: this.name, position: this.position })
    let answer: Commands['subscribe']['result']
    try {
      answer = await ask()
    } catch (error) {
      if (!isRefusal(error, 'position_too_old')) throw error
      await this.readSnapshot()
      answer = await ask()
    }
    for (const fact of answer.events) this.take(fact as Fact)
    this.position = Math.max(this.position, answer.position)
  }

  private take(fact: Fact): void {
    const synced = this.cell.get()
    if (synced.phase !== 'ready' || fact.topic !== this.name) return
    if (fact.position <= this.position) return
    this.position = fact.position
    this.cell.set({ phase: 'ready', state: this.topic.reduce(synced.state, fact) })
  }
}
