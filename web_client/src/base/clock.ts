import type { Scope } from './scope'
import { Cell, type Value } from './value'

/** Milliseconds: as far as a clock may be off, and an answer be under way. */
const SLACK = 5000

/** Where time enters. Moments are milliseconds since 1970 (UTC), durations milliseconds. */
export interface Clock {
  now(): number
  /** Calls `then` once after `delay`; answers how to cancel. */
  after(delay: number, then: () => void): () => void
}

/** The device's clock, set right by what the server says: with a clock an hour off one sees the same times as all. */
export class DeviceClock implements Clock {
  private wrong = 0

  constructor(private readonly device: () => number = Date.now) {}

  now(): number {
    return this.device() + this.wrong
  }

  after(delay: number, then: () => void): () => void {
    const timer = setTimeout(then, delay)
    return () => clearTimeout(timer)
  }

  /** `date`: the header `Date` (whole seconds) of an answer that has just come. */
  heard(date: string | null): void {
    const said = Date.parse(date ?? '')
    if (Number.isNaN(said)) return
    const apart = said + 500 - this.device()
    if (Math.abs(apart - this.wrong) > SLACK) this.wrong = Math.abs(apart) > SLACK ? apart : 0
  }
}

export const systemClock = new DeviceClock()

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
