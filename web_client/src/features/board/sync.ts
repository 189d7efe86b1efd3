import * as Y from 'yjs'
import type { Link } from '../../api/link'
import type { Signal } from '../../api/types'
import type { Clock } from '../../base/clock'
import { isRefusal, Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import { fromBase64, toBase64 } from './base64'

/** `saved`: the server has all of it. */
export type SyncState = 'opening' | 'saved' | 'saving' | 'cut' | 'failed'

export interface Keep {
  /** Where what was not sent outlives a reload. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** Keeps all up to a number in one, so that the board opens fast; null for who may not. */
  state: ((boardId: string, number: number, state: string) => Promise<unknown>) | null
}

/** Before the first message of a movement, and between two of them: what changes meanwhile goes together. */
const AT_ONCE = 10
const PACE = 60
const AGAIN = 1_000
/** A change that is heard of before the one in front of it: that one is on its way, or lost. */
const PATIENCE = 1_500
const LARGEST = 96 * 1024
const MERGE_EVERY = 400

/**
 * One board's document, kept the same here and on the server.
 *
 * What is changed here is sent, in order, one message at a time, and kept until the server says that it is written.
 * What others change comes as signals, each with the number it was written under: where one is missing, and after
 * every break, the server is asked for what came after the last number known.
 */
export class BoardSync {
  readonly doc = new Y.Doc()
  private readonly stateCell = new Cell<SyncState>('opening')
  private readonly mayWriteCell = new Cell(false)
  private readonly troubleCell = new Cell<unknown>(null)
  private unsent: Uint8Array[] = []
  private known = 0
  private readonly ahead = new Set<number>()
  private mergedTo = 0
  private opened = false
  private opening = false
  private sending = false
  private cancelFlush = () => {}
  private cancelLook = () => {}

  constructor(
    private readonly scope: Scope,
    private readonly link: Link,
    private readonly clock: Clock,
    readonly boardId: string,
    private readonly keep: Keep,
  ) {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.send(update)
    })
    link.onSignal(scope, (signal) => this.hear(signal))
    scope.onEnd(link.state.watch(() => this.follow()))
    link.whenWhole(scope, () => void this.open())
    scope.listen(window, 'pagehide', () => this.putAside())
    scope.onEnd(() => {
      this.putAside()
      this.cancelFlush()
      this.cancelLook()
      this.doc.destroy()
    })
  }

  get state(): Value<SyncState> {
    return this.stateCell
  }

  get mayWrite(): Value<boolean> {
    return this.mayWriteCell
  }

  /** The room says who may write, before the server would refuse it. */
  allow(mayWrite: boolean): void {
    this.mayWriteCell.set(mayWrite)
  }

  /** What the server did not take, to be told once. */
  get trouble(): Value<unknown> {
    return this.troubleCell
  }

  // ---- reading

  private follow(): void {
    if (this.link.state.get() === 'whole') return
    this.opened = false
    this.stateCell.set(this.known || this.stateCell.get() !== 'opening' ? 'cut' : 'opening')
  }

  private async open(): Promise<void> {
    if (this.opening || this.scope.ended) return
    this.opening = true
    try {
      for (let more = true; more && !this.scope.ended; ) more = await this.openPage()
      if (this.scope.ended) return
      this.opened = true
      this.takeUp()
      this.tell()
      this.flush()
      void this.merge()
    } catch (error) {
      if (this.scope.ended) return
      if (isPassing(error)) this.lookAgain(AGAIN)
      else {
        this.stateCell.set('failed')
        this.troubleCell.set(error)
      }
    } finally {
      this.opening = false
    }
  }

  private async openPage(): Promise<boolean> {
    const asked = { board_id: this.boardId, after: this.known }
    const page = await this.link.command('board_open', asked)
    this.mayWriteCell.set(page.may_write)
    if (page.state) this.apply(page.state)
    this.known = Math.max(this.known, page.state_number)
    this.mergedTo = Math.max(this.mergedTo, page.state_number)
    for (const { number, update } of page.items) {
      this.apply(update)
      this.known = Math.max(this.known, number)
    }
    for (const number of this.ahead) if (number <= this.known) this.ahead.delete(number)
    return page.more
  }

  private hear(signal: Signal): void {
    if (signal.name !== 'board_update' || signal.body.board_id !== this.boardId) return
    this.apply(signal.body.update)
    this.note(signal.body.number)
  }

  /** Bytes that are no change leave the document as it was. */
  private apply(update: string): void {
    try {
      Y.applyUpdate(this.doc, fromBase64(update), this)
    } catch (error) {
      console.warn('a change of a board was not understood', error)
    }
  }

  private note(number: number): void {
    if (number > this.known) this.ahead.add(number)
    while (this.ahead.delete(this.known + 1)) this.known += 1
    if (this.ahead.size > 0) this.lookAgain(PATIENCE)
    else this.cancelLook()
    if (this.known - this.mergedTo >= 2 * MERGE_EVERY) void this.merge()
  }

  private lookAgain(delay: number): void {
    this.cancelLook()
    this.cancelLook = this.clock.after(delay, () => {
      if (this.link.state.get() === 'whole') void this.open()
    })
  }

  // ---- writing

  private send(update: Uint8Array): void {
    this.unsent.push(update)
    this.tell()
    if (this.unsent.length === 1) this.flushAfter(AT_ONCE)
  }

  private flushAfter(delay: number): void {
    this.cancelFlush()
    this.cancelFlush = this.clock.after(delay, () => this.flush())
  }

  private flush(): void {
    if (this.sending || !this.opened || this.unsent.length === 0 || this.scope.ended) return
    this.sending = true
    void this.sendNext().finally(() => {
      this.sending = false
    })
  }

  private async sendNext(): Promise<void> {
    const count = together(this.unsent)
    const update = toBase64(Y.mergeUpdates(this.unsent.slice(0, count)))
    try {
      const { number } = await this.link.command('board_update', { board_id: this.boardId, update })
      this.unsent.splice(0, count)
      this.note(number)
      this.flushAfter(PACE)
    } catch (error) {
      this.refused(error, count)
    }
    this.tell()
  }

  private refused(error: unknown, count: number): void {
    if (isRefusal(error, 'unreachable')) {
      if (this.link.state.get() === 'whole') this.flushAfter(AGAIN)
    } else if (isRefusal(error, 'not_entered') || isRefusal(error, 'not_found')) {
      this.opened = false
      this.lookAgain(AGAIN)
    } else if (isPassing(error)) {
      const wait = Number((error as Refusal).params.retry_after) * 1_000
      this.flushAfter(Math.max(wait || 0, AGAIN))
    } else {
      this.unsent.splice(0, count)
      if (isRefusal(error, 'forbidden')) this.mayWriteCell.set(false)
      this.troubleCell.set(error)
      this.flushAfter(PACE)
    }
  }

  private tell(): void {
    if (this.stateCell.get() === 'failed') return
    if (this.opened) this.stateCell.set(this.unsent.length ? 'saving' : 'saved')
  }

  // ---- keeping

  private get key(): string {
    return `sabaq-board-${this.boardId}`
  }

  private putAside(): void {
    try {
      if (this.unsent.length === 0) this.keep.storage.removeItem(this.key)
      else this.keep.storage.setItem(this.key, toBase64(Y.mergeUpdates(this.unsent)))
    } catch {
      // No room: it is still sent as long as the page lives.
    }
  }

  /** What the page before a reload had not sent. */
  private takeUp(): void {
    const kept = this.keep.storage.getItem(this.key)
    if (!kept) return
    this.keep.storage.removeItem(this.key)
    try {
      const update = fromBase64(kept)
      Y.applyUpdate(this.doc, update, this)
      this.unsent.unshift(update)
    } catch {
      // Not ours.
    }
  }

  private async merge(): Promise<void> {
    if (!this.keep.state || this.known - this.mergedTo < MERGE_EVERY) return
    const number = this.known
    this.mergedTo = number
    const state = toBase64(Y.encodeStateAsUpdate(this.doc))
    await this.keep.state(this.boardId, number, state).catch(() => undefined)
  }
}

/** How many of the first changes fit into one message; one at least. */
function together(updates: readonly Uint8Array[]): number {
  let size = 0
  const past = updates.findIndex((update) => (size += update.length) > LARGEST)
  return past < 0 ? updates.length : Math.max(1, past)
}

/** A "no" that another moment may take back. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false
  const passing = ['unreachable', 'too_many_attempts', 'not_entered', 'no_space', 'room_away', 'busy']
  return passing.includes(error.code) || error.status >= 500
}
