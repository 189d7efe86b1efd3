import { type Clock, every } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'

/** What one reading of the statistics says about the line. */
export interface Reading {
  received: number
  lost: number
  /** Seconds there and back; 0 while unknown. */
  roundTrip: number
}

const EVERY = 2_000
const MUCH_LOSS = 0.05
const SOME_LOSS = 0.02
const SLOW = 0.5
const LONGEST_BUFFER = 500

/** Whether the line is weak, read every 2 s while `scope` lasts. Under loss the receivers are asked to
 *  wait about 1.7 round trips, so that packets sent again still come in time. */
export function watchQuality(
  scope: Scope,
  clock: Clock,
  connections: () => readonly (RTCPeerConnection | null)[],
): Value<boolean> {
  const weak = new Cell(false)
  let before: Reading | null = null
  every(scope, clock, EVERY, () => {
    const open = connections().filter((peer) => peer !== null)
    void Promise.all(open.map((peer) => peer.getStats())).then((reports) => {
      if (scope.ended) return
      const now = readingOf(reports)
      const loss = before ? lossBetween(before, now) : 0
      weak.set(isWeak(loss, now.roundTrip))
      for (const peer of open) buffer(peer, bufferFor(loss, now.roundTrip))
      before = now
    })
  })
  return weak
}

export function readingOf(reports: readonly Iterable<[string, unknown]>[]): Reading {
  const sum: Reading = { received: 0, lost: 0, roundTrip: 0 }
  for (const report of reports) {
    for (const [, entry] of report) {
      const stat = entry as Record<string, unknown>
      if (stat.type === 'inbound-rtp') {
        sum.received += Number(stat.packetsReceived ?? 0)
        sum.lost += Number(stat.packetsLost ?? 0)
      } else if (stat.type === 'candidate-pair' && stat.nominated) {
        sum.roundTrip = Math.max(sum.roundTrip, Number(stat.currentRoundTripTime ?? 0))
      }
    }
  }
  return sum
}

/** The share of packets that did not arrive between two readings. */
export function lossBetween(before: Reading, now: Reading): number {
  const lost = Math.max(0, now.lost - before.lost)
  const received = Math.max(0, now.received - before.received)
  return lost + received === 0 ? 0 : lost / (lost + received)
}

export function isWeak(loss: number, roundTrip: number): boolean {
  return loss > MUCH_LOSS || roundTrip > SLOW
}

/** Milliseconds that receivers should hold back; null leaves it to the browser. */
export function bufferFor(loss: number, roundTrip: number): number | null {
  if (loss < SOME_LOSS) return null
  return Math.min(LONGEST_BUFFER, Math.round(1_700 * roundTrip))
}

function buffer(peer: RTCPeerConnection, target: number | null): void {
  for (const receiver of peer.getReceivers()) {
    if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== target) {
      receiver.jitterBufferTarget = target
    }
  }
}
