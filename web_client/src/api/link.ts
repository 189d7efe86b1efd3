import { io } from 'socket.io-client'
import { type Clock, systemClock } from '../base/clock'
import { refusalOf, unreachable } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import type { Commands, Fact, Signal } from './types'

/** `whole`: connected. `connecting`: never connected yet. `cut`: was connected and is not. */
export type LinkState = 'connecting' | 'whole' | 'cut'

/** What the link needs of socket.io, so that tests can stand in for the network. */
export interface SocketLike {
  readonly connected: boolean
  /** Whether it will try again by itself. */
  readonly active: boolean
  connect(): unknown
  disconnect(): unknown
  on(event: string, heard: (...args: never[]) => void): unknown
  timeout(milliseconds: number): {
    emit(event: string, name: string, body: object, done: (e: unknown, a: Answer) => void): unknown
  }
}

interface Answer {
  ok?: unknown
  problem?: { code: string; status: number; params?: Record<string, unknown> }
}

const ANSWER_WITHIN = 8_000
const LINGER = 5_000

/** One connection to the server, shared by everything in the page. */
export class Link {
  private readonly cell = new Cell<LinkState>('connecting')
  private readonly signalled = new Set<(signal: Signal) => void>()
  private readonly told = new Set<(fact: Fact) => void>()
  private users = 0
  private dismissed = () => {}

  private cancelClosing = () => {}

  constructor(
    private readonly socket: SocketLike = openSocket(),
    private readonly clock: Clock = systemClock,
  ) {
    socket.on('connect', () => this.cell.set('whole'))
    socket.on('disconnect', () => {
      this.cell.set('cut')
      this.doubt()
    })
    socket.on('connect_error', () => this.doubt())
    socket.on('signal', (signal: Signal) => {
      for (const heard of [...this.signalled]) heard(signal)
    })
    // The network is back, or the lid is open again: no waiting for the next try.
    globalThis.addEventListener?.('online', () => this.hurry())
    globalThis.document?.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry()
    })
    socket.on('event', (fact: Fact) => {
      for (const heard of [...this.told]) heard(fact)
    })
  }

  /** Calls `then` when the server itself sends this connection away: the log-in may have ended. */
  onDismissed(then: () => void): void {
    this.dismissed = then
  }

  /** Connects again after that, if anybody still uses the link. */
  reconnect(): void {
    if (this.users > 0 && !this.socket.connected) this.socket.connect()
  }

  /** Connects at once instead of when the next try is due. */
  hurry(): void {
    if (this.users === 0 || this.cell.get() !== 'cut') return
    this.socket.disconnect()
    this.socket.connect()
  }

  get state(): Value<LinkState> {
    return this.cell
  }

  /** Keeps the connection open while `scope` lasts, and a little longer for the next page. */
  use(scope: Scope): void {
    this.cancelClosing()
    if (this.users++ === 0 && !this.socket.connected) this.socket.connect()
    scope.onEnd(() => {
      if (--this.users === 0) this.cancelClosing = this.clock.after(LINGER, () => this.close())
    })
  }

  /** Closes at once: who we were is over. */
  close(): void {
    this.cancelClosing()
    this.socket.disconnect()
    this.cell.set('connecting')
  }

  /** Asks the server; answers its `ok`, throws its `Refusal`, or `unreachable` after 8 s. */
  command<Name extends keyof Commands>(
    name: Name,
    body: Commands[Name]['body'],
  ): Promise<Commands[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (!this.socket.connected) return reject(unreachable())
      this.socket.timeout(ANSWER_WITHIN).emit('command', name, body, (failed, answer) => {
        if (failed) reject(unreachable())
        else if (answer.problem) reject(refusalOf(answer.problem, answer.problem.status))
        else resolve(answer.ok as Commands[Name]['result'])
      })
    })
  }

  onSignal(scope: Scope, heard: (signal: Signal) => void): void {
    this.signalled.add(heard)
    scope.onEnd(() => this.signalled.delete(heard))
  }

  onFact(scope: Scope, heard: (fact: Fact) => void): void {
    this.told.add(heard)
    scope.onEnd(() => this.told.delete(heard))
  }

  /** Calls `then` now if connected, and after every later connection. */
  whenWhole(scope: Scope, then: () => void): void {
    scope.onEnd(
      this.cell.watch(() => {
        if (this.cell.get() === 'whole') then()
      }),
    )
    if (this.cell.get() === 'whole') then()
  }

  private doubt(): void {
    if (this.users > 0 && !this.socket.active) this.dismissed()
  }
}

function openSocket(): SocketLike {
  return io({
    autoConnect: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    // Spread by the library from half to one and a half: a server that ends sends everybody at once.
    reconnectionDelay: 200,
    randomizationFactor: 0.5,
    reconnectionDelayMax: 5_000,
  }) as unknown as SocketLike
}
