import type { Source } from '../api/types'
import { type Clock, every } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import { holdBack, Holds } from './hold'

/** What one reading of the statistics says about the line. */
export interface Reading {
  received: number
  lost: number
  /** Seconds there and back; 0 while unknown. */
  roundTrip: number
  /** The worst share of what we send that does not arrive, as the far side says. */
  lostOfOurs: number
  /** Of the bits that our camera may have, the share that the line lets through; null while none is sent. */
  share: number | null
  /** How often the server answered that it hears us. */
  answers: number
  /** By the id of the track that comes in. */
  tracks: ReadonlyMap<string, Counts>
}

export interface Counts {
  received: number
  lost: number
  bytes: number
  /** How often packets were asked for again. */
  asked: number
  /** How often the picture stood still. */
  frozen: number
  /** Samples of sound, and how many of them were made up in place of what did not come. */
  samples: number
  concealed: number
}

/** How a line is by Jitsi's rule: what arrives of the bits that are meant to, or the loss, whichever is kinder;
 *  `lost` when nothing came for 3 s. */
export type Grade = 'good' | 'fair' | 'poor' | 'lost'
/** Which way our own line is weak: what we send, or what we receive. */
export type Weak = 'up' | 'down' | null

/** A track that should come. */
export interface Expected {
  participant: string
  source: Source
}

export interface Watched {
  connections(): readonly (RTCPeerConnection | null)[]
  /** What should come, by the id of the track. */
  heard(): ReadonlyMap<string, Expected>
  /** Bits a second that what we send may have, by mid. */
  meant(): ReadonlyMap<string, number>
}

export interface Quality {
  weak: Value<Weak>
  /** Other participants whose line is not good. */
  lines: Value<ReadonlyMap<string, Grade>>
}

const EVERY = 2_000
const MUCH_LOSS = 0.05
const SLOW = 0.5
const GOOD = { share: 0.5, loss: 0.06 }
const FAIR = { share: 0.3, loss: 0.08 }
/** Nothing for so long is no pause: even silence sends a packet now and then. */
const LOST_AFTER = 3_000
const WORSE: readonly Grade[] = ['good', 'fair', 'poor', 'lost']
/** Bits a second that a source is meant to have at the most. */
export const TARGETS: Record<Source, number> = {
  microphone: 40_000,
  camera: 700_000,
  screen: 2_500_000,
  screen_sound: 96_000,
}
const NO_LINES: ReadonlyMap<string, Grade> = new Map()

/** How the lines are, read every 2 s while `scope` lasts. Under loss receivers are asked to hold back what comes. */
export function watchQuality(scope: Scope, clock: Clock, watched: Watched): Quality {
  const weak = new Cell<Weak>(null)
  const silence = new Silence()
  const holds = new Holds()
  const lines = new Cell(NO_LINES)
  let before: Reading | null = null
  every(scope, clock, EVERY, () => {
    const open = watched.connections().filter((peer) => peer !== null)
    void Promise.all(open.map((peer) => peer.getStats())).then((reports) => {
      if (scope.ended) return
      const now = readingOf(reports, watched.meant())
      const loss = before ? lossBetween(before, now) : 0
      weak.set(weakOf(now, loss))
      const expected = watched.heard()
      const gone = silence.since(now, expected, clock.now())
      const graded = before ? linesBetween(before, now, expected, loss, gone) : NO_LINES
      if (!sameLines(graded, lines.get())) lines.set(graded)
      if (before) {
        const targets = holds.after(before, now, expected, loss)
        for (const peer of open) holdBack(peer, targets)
      }
      before = now
    })
  })
  return { weak, lines }
}

export function readingOf(
  reports: readonly Iterable<[string, unknown]>[],
  meant: ReadonlyMap<string, number> = new Map(),
): Reading {
  const sum = { received: 0, lost: 0, roundTrip: 0, lostOfOurs: 0, answers: 0 }
  const sent = new Map<string, { bits: number; limited: boolean }>()
  const tracks = new Map<string, Counts>()
  for (const report of reports) {
    for (const [, entry] of report) {
      const stat = entry as Record<string, unknown>
      if (stat.type === 'inbound-rtp') {
        const counts = {
          received: Number(stat.packetsReceived ?? 0),
          lost: Number(stat.packetsLost ?? 0),
          bytes: Number(stat.bytesReceived ?? 0),
          asked: Number(stat.nackCount ?? 0),
          frozen: Number(stat.freezeCount ?? 0),
          samples: Number(stat.totalSamplesReceived ?? 0),
          concealed: Number(stat.concealedSamples ?? 0) - Number(stat.silentConcealedSamples ?? 0),
        }
        sum.received += counts.received
        sum.lost += counts.lost
        tracks.set(String(stat.trackIdentifier), counts)
      } else if (stat.type === 'remote-inbound-rtp') {
        sum.lostOfOurs = Math.max(sum.lostOfOurs, Number(stat.fractionLost ?? 0))
      } else if (stat.type === 'candidate-pair' && stat.nominated) {
        sum.roundTrip = Math.max(sum.roundTrip, Number(stat.currentRoundTripTime ?? 0))
        sum.answers += Number(stat.responsesReceived ?? 0)
      } else if (stat.type === 'outbound-rtp' && stat.qualityLimitationReason && stat.active !== false) {
        const mid = String(stat.mid ?? '')
        const { bits, limited } = sent.get(mid) ?? { bits: 0, limited: false }
        sent.set(mid, {
          bits: bits + Number(stat.targetBitrate ?? TARGETS.camera),
          limited: limited || stat.qualityLimitationReason === 'bandwidth',
        })
      }
    }
  }
  return { ...sum, share: shareOf(sent, meant), tracks }
}

/** Of all layers of a picture together. Whoever sends as much as one good picture is not weak. */
function shareOf(
  sent: ReadonlyMap<string, { bits: number; limited: boolean }>,
  meant: ReadonlyMap<string, number>,
): number | null {
  const shares = [...sent].map(([mid, { bits, limited }]) =>
    limited ? Math.min(1, bits / Math.min(TARGETS.camera, meant.get(mid) ?? TARGETS.camera)) : 2,
  )
  const least = Math.min(2, ...shares)
  return least > 1 ? null : least
}

/** The share of packets that did not arrive between two readings. */
export function lossBetween(
  before: Pick<Counts, 'received' | 'lost'>,
  now: Pick<Counts, 'received' | 'lost'>,
): number {
  const lost = Math.max(0, now.lost - before.lost)
  const received = Math.max(0, now.received - before.received)
  return lost + received === 0 ? 0 : lost / (lost + received)
}

/** Whose tracks come worse than all together do: then it is their line, not ours. `gone`: of whom nothing comes. */
export function linesBetween(
  before: Reading,
  now: Reading,
  expected: ReadonlyMap<string, Expected>,
  ours: number,
  gone: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Grade> {
  const lines = new Map<string, Grade>()
  for (const [track, { participant, source }] of expected) {
    const [then, since] = [before.tracks.get(track), now.tracks.get(track)]
    if (!then || !since || then.received === 0) continue
    const loss = lossBetween(then, since)
    const bits = (8 * Math.max(0, since.bytes - then.bytes)) / (EVERY / 1000)
    const grade = loss > ours ? gradeOf(loss, bits / TARGETS[source]) : 'good'
    if (WORSE.indexOf(grade) > WORSE.indexOf(lines.get(participant) ?? 'good')) {
      lines.set(participant, grade)
    }
  }
  for (const participant of gone) lines.set(participant, 'lost')
  return lines
}

/** `share`: what arrives of the bits that are meant to. */
export function gradeOf(loss: number, share = 0): Grade {
  if (share >= GOOD.share || loss < GOOD.loss) return 'good'
  return share >= FAIR.share || loss < FAIR.loss ? 'fair' : 'poor'
}

/** Of whom nothing has come for a while, though the server answers us and they have not been turned off. */
export class Silence {
  private last = new Map<string, { received: number; at: number; answers: number }>()

  since(
    now: Reading,
    expected: ReadonlyMap<string, Expected>,
    moment: number,
  ): ReadonlySet<string> {
    const gone = new Set<string>()
    const last = new Map<string, { received: number; at: number; answers: number }>()
    for (const [track, { participant, source }] of expected) {
      if (source !== 'microphone') continue
      const received = now.tracks.get(track)?.received ?? 0
      const before = this.last.get(track)
      const known = before?.received === received
      const entry = known ? before : { received, at: moment, answers: now.answers }
      last.set(track, entry)
      const silent = received > 0 && moment - entry.at >= LOST_AFTER
      if (silent && now.answers > entry.answers) gone.add(participant)
    }
    this.last = last
    return gone
  }
}

/** What we send decides before what we receive: others suffer from it, and we do not see it. */
export function weakOf(now: Reading, loss: number): Weak {
  const narrow = now.share !== null && now.share < FAIR.share
  if (now.lostOfOurs > MUCH_LOSS || narrow) return 'up'
  return loss > MUCH_LOSS || now.roundTrip > SLOW ? 'down' : null
}

function sameLines(a: ReadonlyMap<string, Grade>, b: ReadonlyMap<string, Grade>): boolean {
  return a.size === b.size && [...a].every(([id, grade]) => b.get(id) === grade)
}
