import { type Clock, every } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'

/** What one reading of the statistics says about the line. */
export interface Reading {
  received: number
  lost: number
  /** Seconds there and back; 0 while unknown. */
  roundTrip: number
  /** The worst share of what we send that does not arrive, as the far side says. */
  lostOfOurs: number
  /** By the id of the track that comes in. */
  tracks: ReadonlyMap<string, Counts>
}

export interface Counts {
  received: number
  lost: number
}

/** How a line is, by the part of Jitsi's rule that loss decides. */
export type Grade = 'good' | 'fair' | 'poor'

export interface Watched {
  connections(): readonly (RTCPeerConnection | null)[]
  /** Whose sound should come, by the id of its track. */
  heard(): ReadonlyMap<string, string>
}

export interface Quality {
  weak: Value<boolean>
  /** Other participants whose line is not good. */
  lines: Value<ReadonlyMap<string, Grade>>
}

const EVERY = 2_000
const MUCH_LOSS = 0.05
const SOME_LOSS = 0.02
const SLOW = 0.5
const LONGEST_BUFFER = 500
const FAIR_LOSS = 0.06
const POOR_LOSS = 0.08
const NO_LINES: ReadonlyMap<string, Grade> = new Map()

/** How the lines are, read every 2 s while `scope` lasts. Under loss the receivers are asked to wait about
 *  1.7 round trips, so that packets sent again still come in time. */
export function watchQuality(scope: Scope, clock: Clock, watched: Watched): Quality {
  const weak = new Cell(false)
  const lines = new Cell(NO_LINES)
  let before: Reading | null = null
  every(scope, clock, EVERY, () => {
    const open = watched.connections().filter((peer) => peer !== null)
    void Promise.all(open.map((peer) => peer.getStats())).then((reports) => {
      if (scope.ended) return
      const now = readingOf(reports)
      const loss = before ? lossBetween(before, now) : 0
      weak.set(isWeak(Math.max(loss, now.lostOfOurs), now.roundTrip))
      const graded = before ? linesBetween(before, now, watched.heard(), loss) : NO_LINES
      if (!sameLines(graded, lines.get())) lines.set(graded)
      for (const peer of open) buffer(peer, bufferFor(loss, now.roundTrip))
      before = now
    })
  })
  return { weak, lines }
}

export function readingOf(reports: readonly Iterable<[string, unknown]>[]): Reading {
  const sum = { received: 0, lost: 0, roundTrip: 0, lostOfOurs: 0 }
  const tracks = new Map<string, Counts>()
  for (const report of reports) {
    for (const [, entry] of report) {
      const stat = entry as Record<string, unknown>
      if (stat.type === 'inbound-rtp') {
        const counts = {
          received: Number(stat.packetsReceived ?? 0),
          lost: Number(stat.packetsLost ?? 0),
        }
        sum.received += counts.received
        sum.lost += counts.lost
        tracks.set(String(stat.trackIdentifier), counts)
      } else if (stat.type === 'remote-inbound-rtp') {
        sum.lostOfOurs = Math.max(sum.lostOfOurs, Number(stat.fractionLost ?? 0))
      } else if (stat.type === 'candidate-pair' && stat.nominated) {
        sum.roundTrip = Math.max(sum.roundTrip, Number(stat.currentRoundTripTime ?? 0))
      }
    }
  }
  return { ...sum, tracks }
}

/** The share of packets that did not arrive between two readings. */
export function lossBetween(before: Counts, now: Counts): number {
  const lost = Math.max(0, now.lost - before.lost)
  const received = Math.max(0, now.received - before.received)
  return lost + received === 0 ? 0 : lost / (lost + received)
}

/** Whose sound comes worse than all sound together does: then it is their line, not ours. */
export function linesBetween(
  before: Reading,
  now: Reading,
  heard: ReadonlyMap<string, string>,
  ours: number,
): ReadonlyMap<string, Grade> {
  const lines = new Map<string, Grade>()
  for (const [track, participant] of heard) {
    const [then, since] = [before.tracks.get(track), now.tracks.get(track)]
    if (!then || !since || then.received === 0) continue
    const loss = lossBetween(then, since)
    // Silence costs next to nothing, so a line without a single packet is judged only with loss known.
    if (loss > ours) {
      const grade = gradeOf(loss)
      if (grade !== 'good') lines.set(participant, grade)
    }
  }
  return lines
}

export function gradeOf(loss: number): Grade {
  if (loss < FAIR_LOSS) return 'good'
  return loss < POOR_LOSS ? 'fair' : 'poor'
}

export function isWeak(loss: number, roundTrip: number): boolean {
  return loss > MUCH_LOSS || roundTrip > SLOW
}

/** Milliseconds that receivers should hold back; null leaves it to the browser. */
export function bufferFor(loss: number, roundTrip: number): number | null {
  if (loss < SOME_LOSS) return null
  return Math.min(LONGEST_BUFFER, Math.round(1_700 * roundTrip))
}

function sameLines(a: ReadonlyMap<string, Grade>, b: ReadonlyMap<string, Grade>): boolean {
  return a.size === b.size && [...a].every(([id, grade]) => b.get(id) === grade)
}

function buffer(peer: RTCPeerConnection, target: number | null): void {
  for (const receiver of peer.getReceivers()) {
    if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== target) {
      receiver.jitterBufferTarget = target
    }
  }
}
