import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import type { Piece } from './shapes'
import { stepOf } from './steps'

/** What of a media element is used here. */
export type Player = HTMLMediaElement

interface Reel {
  piece: Piece
  element: Player
  catching: boolean
  /** Until it was ready once, nobody waits for it, except after a jump. */
  awaited: boolean
  broken: boolean
  /** When its last jump began, and what jumps cost it: the next one aims ahead by that. Seconds. */
  jumped: number
  lead: number
}

export interface Flow {
  /** Seconds since the recording began. */
  at: number
  /** Whether the clock runs. */
  runs: boolean
  /** Whether a person wants it to run, and it waits for what is not there yet. */
  waits: boolean
  /** Seconds for which it has waited. */
  waited: number
  rate: number
  volume: number
}

const LONGEST_LEAD = 0.5
/** While it stands, a picture is brought to the exact place. */
const STANDING = 0.03
const END = 0.05
/** After so many seconds of waiting, what loads nothing by itself (as on iOS) is made to. */
const PUSH = 1

/** The media elements that play a recording: made when wanted, used again, kept in step with its clock. */
export class Reels {
  private readonly reels = new Map<string, Reel>()
  private readonly idle: Player[] = []
  private readonly turnCell = new Cell(0)
  private refused = false

  constructor(
    scope: Scope,
    private readonly make: (kind: Piece['kind']) => Player,
    /** Something became ready, or broke. */
    private readonly moved: () => void,
    private readonly now: () => number,
  ) {
    scope.onEnd(() => {
      for (const id of [...this.reels.keys()]) this.drop(id)
      this.idle.length = 0
    })
  }

  /** Changes when another element stands for a piece. */
  get turn(): Value<number> {
    return this.turnCell
  }

  elementOf(piece: string): Player | undefined {
    return this.reels.get(piece)?.element
  }

  /** What could not be played at all. */
  get broken(): string[] {
    return [...this.reels.values()].filter((reel) => reel.broken).map(({ piece }) => piece.id)
  }

  /** Whether the browser did not let it sound: a person must press first. Told once. */
  takeRefusal(): boolean {
    const was = this.refused
    this.refused = false
    return was
  }

  /** Has exactly these. */
  hold(pieces: readonly Piece[]): void {
    const wanted = new Set(pieces.map(({ id }) => id))
    let changed = false
    for (const id of [...this.reels.keys()]) {
      if (wanted.has(id)) continue
      this.drop(id)
      changed = true
    }
    for (const piece of pieces) {
      if (this.reels.has(piece.id)) continue
      this.add(piece)
      changed = true
    }
    if (changed) this.turnCell.update((turn) => turn + 1)
  }

  /** Begins those that broke anew, with new addresses. */
  renew(pieces: readonly Piece[]): void {
    const fresh = new Map(pieces.map((piece) => [piece.id, piece]))
    for (const [id, reel] of this.reels) {
      const piece = fresh.get(id)
      if (!reel.broken || !piece?.url) continue
      Object.assign(reel, { piece, broken: false })
      reel.element.src = piece.url
    }
  }

  /** A jump: from here on all are waited for. */
  await(): void {
    for (const reel of this.reels.values()) reel.awaited = true
  }

  /** Whether all that is waited for can go on from here. */
  ready(at: number, runs: boolean): boolean {
    let whole = true
    for (const reel of this.reels.values()) {
      const ready = isReady(reel, at, runs)
      if (ready && reel.piece.starts_s <= at) reel.awaited = true
      if (!ready && reel.awaited) whole = false
    }
    return whole
  }

  /** Brings each to where the clock is. */
  follow(flow: Flow): void {
    for (const reel of this.reels.values()) {
      if (!reel.broken) this.lead(reel, flow)
    }
  }

  private lead(reel: Reel, flow: Flow): void {
    const { element, piece } = reel
    const wanted = flow.at - piece.starts_s
    element.volume = flow.volume
    if (flow.runs || flow.waits) element.preload = 'auto'
    if (wanted < 0 || isOver(reel, flow.at)) return hush(element)
    if (!flow.runs) return this.stand(reel, wanted, flow)
    if (element.seeking) return
    this.learn(reel)
    const step = stepOf(wanted, element.currentTime, flow.rate, reel.catching)
    if (step.act === 'jump') return this.jump(reel, step.to + reel.lead * flow.rate)
    if (step.act === 'wait') return hush(element)
    reel.catching = step.catching
    if (element.playbackRate !== step.rate) element.playbackRate = step.rate
    if (element.paused) this.play(element)
  }

  private stand(reel: Reel, wanted: number, flow: Flow): void {
    const { element } = reel
    const push = flow.waits && flow.waited > PUSH && element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA
    if (push && element.paused) this.play(element)
    if (!push) hush(element)
    reel.lead = 0
    if (!element.seeking && Math.abs(element.currentTime - wanted) > STANDING) this.jump(reel, wanted)
  }

  private jump(reel: Reel, to: number): void {
    reel.jumped = this.now()
    reel.element.currentTime = to
  }

  /** How long its last jump took. */
  private learn(reel: Reel): void {
    if (!reel.jumped || reel.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return
    reel.lead = Math.min(LONGEST_LEAD, (this.now() - reel.jumped) / 1000)
    reel.jumped = 0
  }

  private play(element: Player): void {
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.refused = true
        this.moved()
      }
    })
  }

  private add(piece: Piece): void {
    const place = this.idle.findIndex((one) => one.nodeName.toLowerCase() === piece.kind)
    const element = place < 0 ? this.make(piece.kind) : this.idle.splice(place, 1)[0]!
    const reel: Reel = { piece, element, catching: false, awaited: false, broken: false, jumped: 0, lead: 0 }
    element.onerror = () => {
      reel.broken = true
      this.moved()
    }
    element.oncanplay = element.onseeked = element.onloadeddata = () => this.moved()
    element.preload = 'metadata'
    element.dataset.piece = piece.id
    element.src = piece.url ?? ''
    this.reels.set(piece.id, reel)
  }

  private drop(id: string): void {
    const { element } = this.reels.get(id)!
    this.reels.delete(id)
    element.onerror = element.oncanplay = element.onseeked = element.onloadeddata = null
    element.pause()
    element.removeAttribute('src')
    element.load()
    element.remove()
    this.idle.push(element)
  }
}

function hush(element: Player): void {
  if (!element.paused) element.pause()
}

/** Past the last thing that was recorded: files end a little before or after what was told. */
function isOver({ element, piece }: Reel, at: number): boolean {
  const { duration } = element
  return Number.isFinite(duration) && at - piece.starts_s >= duration - END
}

function isReady(reel: Reel, at: number, runs: boolean): boolean {
  const { element, piece, broken } = reel
  if (broken || at < piece.starts_s || isOver(reel, at)) return true
  const least = runs ? HTMLMediaElement.HAVE_FUTURE_DATA : HTMLMediaElement.HAVE_CURRENT_DATA
  return !element.seeking && element.readyState >= least
}
