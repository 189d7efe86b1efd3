import type { Scope } from './scope'
import { Cell, type Value } from './value'

/** Where time enters. Moments are milliseconds since 1970 (UTC), durations milliseconds. */
export interface Clock {
  now(): number
  /** Calls `then` once after `delay`; answers how to cancel. */
  after(delay: number, then: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, then) {
    const timer = setTimeout(then, delay)
    return () => clearTimeout(timer)
  },
}

/** Time that moves only when told to. */
export class ManualClock implements Clock {
  private waiting: { at: number; then: () => void }[] = []

  constructor(private moment: number) {}

  now(): number {
    return this.moment
  }

  after(delay: number, then: () => void): () => void {
    const entry = { at: this.moment + delay, then }
    this.waiting.push(entry)
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry)
    }
  }

  advance(duration: number): void {
    const end = this.moment + duration
    for (;;) {
      const next = this.waiting.filter((e) => e.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.waiting = this.waiting.filter((other) => other !== next)
      this.moment = Math.max(this.moment, next.at)
      next.then()
    }
    this.moment = end
  }
}

/** The present moment, renewed at each whole `step` while the scope lasts. */
export function ticking(scope: Scope, clock: Clock, step: number): Value<number> {
  const cell = new Cell(clock.now())
  let cancel = () => {}
  const plan = () => {
    cancel = clock.after(step - (clock.now() % step), () => {
      cell.set(clock.now())
      plan()
    })
  }
  plan()
  scope.onEnd(() => cancel())
  return cell
}

/** Calls `act` every `step` until the scope ends. */
export function every(scope: Scope, clock: Clock, step: number, act: () => void): void {
  let cancel = () => {}
  const plan = () => {
    cancel = clock.after(step, () => {
      act()
      if (!scope.ended) plan()
    })
  }
  plan()
  scope.onEnd(() => cancel())
}
