import { type Clock, every } from '../../base/clock'
import type { Scope } from '../../base/scope'
import { Cell, derive, type Value } from '../../base/value'
import { type Chapter, chaptersOf } from './chapters'
import { RunningTime } from './clock'
import type { KeptPlace } from './kept'
import { Reels } from './reels'
import { type Layout, MAIN, type Moment, type Piece } from './shapes'
import { type OnStage, stageAt } from './stage'
import { Story } from './story'
import { gapsOf, type Place, placesOf, type Span } from './timeline'

export interface Look {
  layout: Layout
  place: string
  rate: number
  /** 0 to 1. */
  volume: number
  captions: boolean
  /** One picture at a time, for narrow lines. */
  one: boolean
}

/** `wanted`: it plays, or will as soon as it can. `waiting`: something is still on its way. `refused`: the
 *  browser wants a person to press first. */
export interface Going {
  wanted: boolean
  waiting: boolean
  /** It has waited so long that the line must be narrow. */
  narrow: boolean
  refused: boolean
}

const TICK = 100
/** Seconds a picture may be late before all wait for it. */
const GRACE = 0.25
/** Seconds of waiting after which less is offered. */
const NARROW = 6
/** What begins within so many seconds is made ready. */
const SOON = 3
/** Elements at once: a browser keeps six connections to a server, and one is for questions. */
const MOST_ELEMENTS = 5
const KEEP_EVERY = 5_000
/** Milliseconds between two askings for new addresses of what broke. */
const RENEW_AFTER = 20_000
const STANDING: Going = { wanted: false, waiting: false, narrow: false, refused: false }

export interface Source {
  pieces: readonly Piece[]
  moments: readonly Moment[]
  seconds: number
  /** Reads the addresses of the files anew: they hold for a while only. */
  renew(): Promise<readonly Piece[]>
}

/** A recording being watched: everything in step on one clock. */
export class Playback {
  readonly story: Story
  readonly places: readonly Place[]
  readonly chapters: readonly Chapter[]
  readonly seconds: number
  readonly reels: Reels
  readonly stage: Value<OnStage>
  readonly gaps: Value<readonly Span[]>
  private readonly time: RunningTime
  private readonly atCell: Cell<number>
  private readonly goingCell = new Cell<Going>(STANDING)
  private readonly lookCell: Cell<Look>
  private pieces: readonly Piece[]
  private waitingSince: number | null = null
  private lateSince: number | null = null
  private renewed = -Infinity

  constructor(
    scope: Scope,
    private readonly clock: Clock,
    private readonly source: Source,
    private readonly kept: KeptPlace,
    make: (kind: Piece['kind']) => HTMLMediaElement = element,
  ) {
    this.pieces = source.pieces
    this.seconds = source.seconds
    this.story = new Story(source.moments)
    this.places = placesOf(source.pieces, source.moments)
    this.chapters = chaptersOf(source.pieces, this.story)
    this.time = new RunningTime(clock, source.seconds)
    const { at, rate, layout, captions } = kept.read(source.seconds)
    this.time.setRate(rate)
    this.time.jump(at)
    this.atCell = new Cell(at)
    this.lookCell = new Cell<Look>({ layout, place: MAIN, rate, volume: 1, captions, one: false })
    this.reels = new Reels(scope, make, () => this.tick(), () => clock.now())
    this.stage = derive(scope, [this.atCell, this.lookCell], () => this.stageAt(this.atCell.get()), sameStage)
    this.gaps = derive(scope, [this.lookCell], () => gapsOf(this.pieces, this.lookCell.get().place, this.seconds), sameGaps)
    every(scope, clock, TICK, () => this.tick())
    every(scope, clock, KEEP_EVERY, () => this.keep())
    scope.onEnd(() => this.keep())
    this.tick()
  }

  /** Seconds since the recording began. */
  get at(): Value<number> {
    return this.atCell
  }

  get going(): Value<Going> {
    return this.goingCell
  }

  get look(): Value<Look> {
    return this.lookCell
  }

  /** Plays, or stands; from the end it begins anew. */
  toggle(): void {
    const { wanted } = this.goingCell.get()
    if (!wanted && this.time.at >= this.seconds) this.jump(0)
    this.goingCell.set({ ...STANDING, wanted: !wanted, waiting: !wanted })
    this.waitingSince = wanted ? null : this.clock.now()
    if (wanted) this.keep()
    this.time.stand()
    this.reels.await()
    this.tick()
  }

  jump(to: number): void {
    this.time.stand()
    this.time.jump(to)
    this.atCell.set(this.time.at)
    this.arrange()
    this.reels.await()
    this.waitingSince = this.clock.now()
    this.goingCell.update((going) => ({ ...going, waiting: true, narrow: false }))
    this.tick()
  }

  /** So many seconds on, or back. */
  skip(seconds: number): void {
    this.jump(this.time.at + seconds)
  }

  setLook(part: Partial<Look>): void {
    if (part.rate) this.time.setRate(part.rate)
    this.lookCell.update((look) => ({ ...look, ...part }))
    this.keep()
    this.tick()
  }

  /** Remembers where one is, on this device. */
  keep(): void {
    const { rate, layout, captions } = this.lookCell.get()
    this.kept.write({ at: this.time.at, rate, layout, captions })
  }

  /** For tests in a real browser: where each element is, and where it should be. Seconds. */
  told() {
    const { at } = this.time
    const parts = piecesOf(this.stage.get()).map(({ id, kind, starts_s }) => {
      const element = this.reels.elementOf(id)
      return { id, kind, wanted: at - starts_s, at: element?.currentTime ?? -1, paused: element?.paused ?? true }
    })
    return { at, ...this.goingCell.get(), runs: this.time.runs, parts }
  }

  private tick(): void {
    this.arrange()
    const { at } = this.time
    const { wanted } = this.goingCell.get()
    const ready = this.reels.ready(at, wanted)
    if (this.reels.takeRefusal()) this.stop(true)
    else if (at >= this.seconds && wanted) this.stop(false)
    else if (ready) this.goOn()
    else this.hold()
    const { rate, volume } = this.lookCell.get()
    const waited = this.waitingSince === null ? 0 : (this.clock.now() - this.waitingSince) / 1000
    const waits = this.goingCell.get().wanted && !this.time.runs
    this.reels.follow({ at: this.time.at, runs: this.time.runs, waits, waited, rate, volume })
    this.atCell.set(this.time.at)
    if (this.reels.broken.length > 0) void this.mend()
  }

  private goOn(): void {
    this.lateSince = this.waitingSince = null
    const { wanted, waiting, narrow } = this.goingCell.get()
    if (waiting || narrow) this.goingCell.update((going) => ({ ...going, waiting: false, narrow: false }))
    if (wanted) this.time.run()
  }

  /** Something is late: all wait for it, unless it is there in a moment. */
  private hold(): void {
    const now = this.clock.now()
    if (this.time.runs) {
      this.lateSince ??= now
      if (now - this.lateSince < GRACE * 1000) return
      this.time.stand()
    }
    this.waitingSince ??= now
    const narrow = now - this.waitingSince > NARROW * 1000
    const going = this.goingCell.get()
    if (!going.waiting || going.narrow !== narrow) this.goingCell.set({ ...going, waiting: true, narrow })
  }

  private stop(refused: boolean): void {
    this.time.stand()
    this.lateSince = this.waitingSince = null
    this.goingCell.set({ ...STANDING, refused })
    this.keep()
  }

  /** The elements for what plays now, and for what will in a moment while there is room. */
  private arrange(): void {
    const { at } = this.time
    const now = piecesOf(this.stageAt(at))
    const soon = piecesOf(this.stageAt(at + SOON)).filter((one) => !now.includes(one))
    this.reels.hold([...now, ...soon.slice(0, Math.max(0, MOST_ELEMENTS - now.length))])
  }

  private stageAt(at: number): OnStage {
    return stageAt(this.pieces, this.story, this.lookCell.get(), at)
  }

  private async mend(): Promise<void> {
    const now = this.clock.now()
    if (now - this.renewed < RENEW_AFTER) return
    this.renewed = now
    const pieces = await this.source.renew().catch(() => null)
    if (!pieces) return
    this.pieces = pieces
    this.reels.renew(pieces)
    this.tick()
  }
}

function piecesOf({ large, small, sounds }: OnStage): Piece[] {
  return [large, small, ...sounds].filter((one) => one !== null)
}

function sameStage(a: OnStage, b: OnStage): boolean {
  const ids = (stage: OnStage) =>
    [stage.large?.id, stage.small?.id, stage.speaker?.id, stage.shown?.id, stage.shown?.page, ...stage.sounds.map(({ id }) => id)].join()
  return ids(a) === ids(b)
}

function sameGaps(a: readonly Span[], b: readonly Span[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function element(kind: Piece['kind']): HTMLMediaElement {
  const made = document.createElement(kind)
  made.preservesPitch = true
  if (made instanceof HTMLVideoElement) {
    made.playsInline = true
    made.muted = true
    made.disablePictureInPicture = false
    made.setAttribute('aria-hidden', 'true')
  }
  return made
}
