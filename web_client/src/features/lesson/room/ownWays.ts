import type { Commands } from '../../../api/types'
import { type Clock, every } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { lossBetween } from '../../../media/quality'

export type Ways = Commands['lines']['result']['ways']
export type WayTold = Ways[number]
export type Report = Iterable<[string, unknown]>

/** What of a room tells how its line is. */
export interface Measured {
  peers(): { up: RTCPeerConnection | null; down: RTCPeerConnection | null }
  askLines(): Promise<{ ways: Ways }>
}

/** What is known of a way: shares of 1, seconds, bits a second; null is not known. */
export interface Way {
  loss: number | null
  roundTrip: number | null
  carries: number | null
  /** How long packets wait on the line because there are too many. */
  waits: number | null
}

/** `up`, `down`: null while there is no such way. `told` is what the server says of each. */
export interface OwnLine {
  up: Way | null
  down: Way | null
  told: { up: WayTold | null; down: WayTold | null }
  at: number
}

const EVERY = 2_000

/** How one's own line is, both ways, anew every 2 s while `scope` lasts. */
export class OwnLineModel {
  private readonly cell = new Cell<OwnLine | null>(null)
  private before: Browser | null = null
  private asking = false

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly room: Measured,
  ) {
    void this.read()
    every(scope, clock, EVERY, () => void this.read())
  }

  /** Null until it was read once. */
  get state(): Value<OwnLine | null> {
    return this.cell
  }

  private async read(): Promise<void> {
    if (this.asking) return
    this.asking = true
    const peers = this.room.peers()
    const [ways, up, down] = await Promise.all([
      this.room.askLines().then(
        ({ ways }) => ways,
        () => [],
      ),
      browserSays(peers.up),
      browserSays(peers.down),
    ])
    this.asking = false
    if (this.scope.ended) return
    const told = { up: toldOf(ways, 'up'), down: toldOf(ways, 'down') }
    this.cell.set({
      up: up && wayUp(up),
      down: down && wayDown(down, this.before, told.down),
      told,
      at: this.clock.now(),
    })
    this.before = down
  }
}

interface Browser {
  lossOfOurs: number | null
  roundTrip: number | null
  carries: number | null
  received: number
  lost: number
}

async function browserSays(peer: RTCPeerConnection | null): Promise<Browser | null> {
  const report = await peer?.getStats().catch(() => undefined)
  return report ? browserOf(report) : null
}

export function browserOf(report: Report): Browser {
  const said: Browser = { lossOfOurs: null, roundTrip: null, carries: null, received: 0, lost: 0 }
  for (const [, entry] of report) {
    const stat = entry as Record<string, unknown>
    if (stat.type === 'remote-inbound-rtp') {
      said.lossOfOurs = Math.max(said.lossOfOurs ?? 0, Number(stat.fractionLost ?? 0))
    } else if (stat.type === 'inbound-rtp') {
      said.received += Number(stat.packetsReceived ?? 0)
      said.lost += Number(stat.packetsLost ?? 0)
    } else if (stat.type === 'candidate-pair' && stat.nominated) {
      said.roundTrip = numberOr(stat.currentRoundTripTime, said.roundTrip)
      said.carries = numberOr(stat.availableOutgoingBitrate, said.carries)
    }
  }
  return said
}

/** Of what we send the browser knows all: the server reports to it. */
export function wayUp({ lossOfOurs, roundTrip, carries }: Browser): Way {
  return { loss: lossOfOurs, roundTrip, carries, waits: null }
}

/** Of what we receive the server knows most; where it does not say, the browser tells loss and round trip. */
export function wayDown(now: Browser, before: Browser | null, told: WayTold | null): Way {
  const line = told?.line
  if (line) {
    return {
      loss: line.loss,
      roundTrip: line.round_trip || now.roundTrip,
      carries: line.estimate,
      waits: line.queueing_delay,
    }
  }
  const loss = before && lossBetween(before, now)
  return { loss, roundTrip: now.roundTrip, carries: null, waits: null }
}

function toldOf(ways: Ways, which: WayTold['way']): WayTold | null {
  return ways.find(({ way, known }) => known && way === which) ?? null
}

function numberOr(value: unknown, otherwise: number | null): number | null {
  return typeof value === 'number' ? value : otherwise
}
