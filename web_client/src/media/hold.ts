import type { Counts, Expected, Reading } from './quality'

/** For how many milliseconds receivers hold back what comes; null leaves it to the browser. `calm`: readings
 *  since it changed or was in want. */
export interface Hold {
  target: number | null
  calm: number
}

/** What came of one person between two readings: the share of packets that was lost or had to be asked for again,
 *  and whether one saw or heard it. */
export interface Trouble {
  loss: number
  broken: boolean
}

export const NO_HOLD: Hold = { target: null, calm: 0 }
const SOME_LOSS = 0.02
const LITTLE_LOSS = 0.005
const MUCH_CONCEALED = 0.01
const LONGEST = 1_000
/** Where the way that is too long is not ours but theirs, its length is found by trying, up to here. */
const LONGEST_TRIED = 600
/** Holds are whole multiples, and shrink by so much a reading: nobody hears that. */
const STEP = 40
/** Readings without trouble before a hold shrinks: on a bad line loss comes and goes. */
const CALM = 5

/** The hold after a reading: 1.7 round trips as soon as there is loss, so that packets sent again still come in
 *  time; more where that is not enough; given back step by step when there has been none for a while. */
export function holdAfter(
  { target, calm }: Hold,
  { loss, broken }: Trouble,
  roundTrip: number,
): Hold {
  const lossy = loss >= SOME_LOSS
  if (!lossy && (target === null || loss >= LITTLE_LOSS)) return { target, calm: 0 }
  const needed = lossy ? Math.min(LONGEST, Math.ceil((1_700 * roundTrip) / STEP) * STEP) : 0
  if (target === null || target < needed) return { target: needed, calm: 0 }
  // What broke in the reading after a change may be the change itself.
  if (lossy && broken && calm > 0) {
    return { target: Math.max(target, Math.min(LONGEST_TRIED, target + 3 * STEP)), calm: 0 }
  }
  if (calm + 1 < CALM) return { target, calm: calm + 1 }
  const less = target - STEP
  if (lossy) return { target: Math.max(needed, less), calm: 0 }
  return less > 0 ? { target: less, calm } : NO_HOLD
}

/** The hold of each person: sound and picture alike, so that lips stay with voices. */
export class Holds {
  private holds = new Map<string, Hold>()

  /** Milliseconds by track after another reading. `ours`: the loss of all together, which is that of our line. */
  after(
    before: Reading,
    now: Reading,
    expected: ReadonlyMap<string, Expected>,
    ours: number,
  ): ReadonlyMap<string, number | null> {
    const whose = (track: string) => expected.get(track)?.participant ?? ''
    const people = new Map<string, [Counts, Counts][]>()
    for (const [track, counts] of now.tracks) {
      const then = before.tracks.get(track)
      if (then) people.set(whose(track), [...(people.get(whose(track)) ?? []), [then, counts]])
    }
    const former = this.holds
    this.holds = new Map()
    for (const [person, tracks] of people) {
      const { loss, broken } = troubleOf(tracks)
      const trouble = { loss: Math.max(ours, loss), broken }
      this.holds.set(person, holdAfter(former.get(person) ?? NO_HOLD, trouble, now.roundTrip))
    }
    const target = (track: string) => this.holds.get(whose(track))?.target ?? null
    return new Map([...now.tracks.keys()].map((track) => [track, target(track)]))
  }
}

/** Of tracks, as they were and as they are. What comes again on its own stream, as sound does, is asked for, but
 *  not lost. */
export function troubleOf(tracks: readonly [before: Counts, now: Counts][]): Trouble {
  const grown = (key: keyof Counts) =>
    tracks.reduce((sum, [before, now]) => sum + Math.max(0, now[key] - before[key]), 0)
  const missing = Math.max(grown('lost'), grown('asked'))
  const concealed = grown('concealed') > MUCH_CONCEALED * grown('samples')
  return {
    loss: missing && missing / (missing + grown('received')),
    broken: concealed || grown('frozen') > 0,
  }
}

/** Tells the receivers of a connection. Older browsers have the same wish under another name, in seconds. */
export function holdBack(
  peer: RTCPeerConnection,
  targets: ReadonlyMap<string, number | null>,
): void {
  for (const receiver of peer.getReceivers() as Receiver[]) {
    const target = targets.get(receiver.track.id) ?? null
    if ('jitterBufferTarget' in receiver) {
      if (receiver.jitterBufferTarget !== target) receiver.jitterBufferTarget = target
    } else if ('playoutDelayHint' in receiver) {
      receiver.playoutDelayHint = target === null ? null : target / 1000
    }
  }
}

interface Receiver {
  track: MediaStreamTrack
  jitterBufferTarget?: number | null
  playoutDelayHint?: number | null
}
