/**
 * The view-model of a room we are in. No React here.
 *
 * For tests in a real browser: while a room is open, `window.sabaqTest.stats()` answers, by publication
 * id, what was received of it: `{kind, framesDecoded, frameHeight, freezeCount, packetsReceived,
 * totalAudioEnergy}`. It reads and changes nothing. Elements that play something carry `data-publication` with the same id.
 */
import type { Link } from '../api/link'
import type { Entered, Signal } from '../api/types'
import type { Clock } from '../base/clock'
import { Refusal } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, derive, type Value } from '../base/value'
import type { Devices } from './devices'
import { Down, type Streams } from './down'
import { Leader } from './leading'
import { OwnMedia } from './own'
import { type NewPeer, pause, peersWith } from './peer'
import { type Expected, type Grade, watchQuality, type Weak } from './quality'
import { applySignal, entered, maySend, NOBODY, type RoomState } from './roomState'
import { Sounds } from './sounds'
import { readStats } from './stats'
import { type Hint, isHint } from './told'
import { Up } from './up'
import { Watching } from './watching'

/** `replaced`: open elsewhere. `removed`: sent out. `closed`: over for all. */
export type Ending = 'left' | 'replaced' | 'removed' | 'closed'

export type Phase =
  | { name: 'entering' }
  | { name: 'in' }
  | { name: 'refused'; error: unknown }
  | { name: 'over'; ending: Ending }

/** By publication: smaller than it is shown, or not at all. */
export type Limited = ReadonlyMap<string, 'small' | 'off'>

export type Connection = 'whole' | 'weak' | 'cut'

export interface Permit {
  /** The grant that was given last for this room. */
  grant(): string
  /** The relays that go with it, for whom nothing else reaches. */
  relays(): RTCIceServer[]
  /** Asks for another after the last was refused; throws when there is none. */
  renew(): Promise<void>
}

const BAD_GRANT = /^grant_/
/** Milliseconds until we ask again to be let into a room that has no server just now. */
const ASK_AGAIN = 1_000

export class Room {
  readonly own: OwnMedia
  readonly sounds: Sounds
  readonly lead: Leader
  readonly watching: Watching
  /** How well we are connected, in one word. */
  readonly connection: Value<Connection>
  /** How the line of each other participant is, where it is not good. */
  readonly lines: Value<ReadonlyMap<string, Grade>>
  /** Which way our own line is weak. */
  readonly weak: Value<Weak>
  private readonly phaseCell = new Cell<Phase>({ name: 'entering' })
  private readonly stateCell = new Cell<RoomState>(NOBODY)
  private readonly limitedCell = new Cell<Limited>(new Map())
  private readonly troubleCell = new Cell<unknown>(null)
  /** The word of the teacher to those who wait. */
  private readonly wordCell = new Cell('')
  private readonly hinted = new Set<(hint: Hint) => void>()
  private readonly up: Up
  private readonly down: Down
  private started = false
  private outside = false
  /** Milliseconds by which the server's clock is ahead of ours. */
  private ahead = 0
  /** Signals that came while we were entering; null when we are not. */
  private early: Signal[] | null = null
  private enterAgain = false

  constructor(
    private readonly scope: Scope,
    private readonly link: Link,
    private readonly clock: Clock,
    devices: Devices,
    private readonly permit: Permit,
    peers: NewPeer = peersWith(() => permit.relays()),
  ) {
    const compare = () => this.own.compare(this.mine())
    this.up = new Up(scope, link, clock, peers, (error) => this.troubleCell.set(error), compare)
    this.down = new Down(scope, link, clock, peers)
    this.own = new OwnMedia(scope, link, devices, this.up, () => maySend(this.stateCell.get()))
    this.sounds = new Sounds(scope, devices.chosen)
    this.lead = new Leader(link)
    this.watching = new Watching(scope, clock, link, () => this.others())
    const quality = watchQuality(scope, clock, {
      connections: () => Object.values(this.peers()),
      heard: () => this.heardTracks(),
      meant: () => this.up.meant(),
    })
    this.lines = quality.lines
    this.weak = quality.weak
    scope.onEnd(this.watching.saving.watch(() => this.up.spare(this.watching.saving.get() !== 'all')))
    this.connection = this.deriveConnection(quality.weak)
    this.playSounds()
    link.use(scope)
    link.onSignal(scope, (signal) => this.take(signal))
    link.whenWhole(scope, () => {
      this.gapped = false
      void this.enter()
    })
    Object.assign(window, { sabaqTest: Object.freeze({ stats: () => readStats(this.down) }) })
  }

  get phase(): Value<Phase> {
    return this.phaseCell
  }

  get state(): Value<RoomState> {
    return this.stateCell
  }

  get streams(): Value<Streams> {
    return this.down.streams
  }

  /** The pictures that our line does not carry as large as they are shown. */
  get limited(): Value<Limited> {
    return this.limitedCell
  }

  /** What the teacher says to those who wait at the door; empty when nothing was said. */
  get word(): Value<string> {
    return this.wordCell
  }

  /** The connections that are open now. */
  peers() {
    return { up: this.up.connection, down: this.down.connection }
  }

  /** What the server knows of our own ways. */
  askLines() {
    return this.link.command('lines', {})
  }

  onHint(scope: Scope, heard: (hint: Hint) => void): void {
    this.hinted.add(heard)
    scope.onEnd(() => this.hinted.delete(heard))
  }

  /** Tries everything again at once, for whoever does not want to wait. */
  tryNow(): void {
    if (this.link.state.get() === 'whole') void this.enter()
    else this.link.hurry()
  }

  /** What could not be published, to be told once. */
  get trouble(): Value<unknown> {
    return this.troubleCell
  }

  /** What the server's clock shows when ours shows `moment`; both in milliseconds. */
  serverTime(moment: number): number {
    return moment + this.ahead
  }

  /** Turns off what another publishes; only those who may moderate are heard. */
  async mute(publicationId: string): Promise<void> {
    await this.link.command('set_muted', { publication_id: publicationId, muted: true })
  }

  async leave(): Promise<void> {
    this.finish('left')
    await this.link.command('leave', {}).catch(() => undefined)
  }

  private async enter(): Promise<void> {
    if (this.phaseCell.get().name === 'over') return
    if (this.early) {
      this.enterAgain = true
      return
    }
    this.early = []
    this.enterAgain = false
    try {
      this.takeSnapshot(await this.askToEnter())
    } catch (error) {
      if (this.isPassing(error)) this.enterLater()
      else if (!this.scope.ended) this.phaseCell.set({ name: 'refused', error })
    }
    const early = this.early
    this.early = null
    if (this.scope.ended) return
    for (const signal of early) this.take(signal)
    if (this.enterAgain) await this.enter()
  }

  /** Nobody said no: there was nobody to ask. */
  private isPassing(error: unknown): boolean {
    return error instanceof Refusal && (error.code === 'unreachable' || error.status === 503)
  }

  /** While the link is cut, its return brings us here; while it stands, only we do. */
  private enterLater(): void {
    void pause(this.scope, this.clock, ASK_AGAIN).then(() => {
      if (!this.scope.ended && this.link.state.get() === 'whole') void this.enter()
    })
  }

  private async askToEnter(): Promise<Entered> {
    const ask = () => this.link.command('enter', { grant: this.permit.grant() })
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Refusal) || !BAD_GRANT.test(error.code)) throw error
      await this.permit.renew()
      return ask()
    }
  }

  private takeSnapshot(snapshot: Entered): void {
    const first = this.phaseCell.get().name !== 'in'
    const pathsStand = this.gapped && !first
    this.gapped = false
    this.ahead = snapshot.now * 1000 - this.clock.now()
    this.stateCell.set(entered(snapshot))
    this.phaseCell.set({ name: 'in' })
    if (this.stateCell.get().waiting) return this.stayOutside()
    if (!pathsStand) {
      this.limitedCell.set(new Map())
      void this.down.open()
      this.watching.forget()
    }
    if (!this.started) this.own.start()
    else if (this.outside || (!pathsStand && this.upIsLost())) this.up.reopen()
    else this.own.compare(this.mine())
    this.started = true
    this.outside = false
  }

  /** At the door one sends and receives nothing. */
  private stayOutside(): void {
    this.outside = true
    this.own.stopScreen()
    this.up.rest()
    this.down.rest()
  }

  /** True between a missed signal and the snapshot that makes it good: the media path is not in doubt. */
  private gapped = false

  private take(signal: Signal): void {
    if (this.phaseCell.get().name === 'over') return
    switch (signal.name) {
      case 'offer':
        return this.down.offered(signal.body)
      case 'transport_lost':
        this.up.lost(signal.body.transport_id)
        this.limitedCell.set(new Map())
        return this.down.lost(signal.body.transport_id)
      case 'moved':
      case 'admitted':
      case 'sent_back':
        this.gapped = false
        void this.enter()
        return
      case 'stopped':
        return this.own.stopped(signal.body.source)
      case 'needed':
        return this.up.need(signal.body.publication_id, signal.body.layers)
      case 'limited':
        return this.limitedCell.set(new Map(Object.entries(signal.body.pictures)))
      case 'held':
        return this.wordCell.set(signal.body.text ?? '')
      case 'replaced':
        return this.finish('replaced')
      case 'removed':
        return this.finish('removed')
      case 'room_closed':
        return this.finish('closed')
    }
    if (isHint(signal)) {
      for (const heard of [...this.hinted]) heard(signal)
      return
    }
    if (this.early) {
      this.early.push(signal)
      return
    }
    const next = applySignal(this.stateCell.get(), signal)
    if (next === 'gap') {
      this.gapped = true
      void this.enter()
      return
    }
    const before = this.stateCell.get()
    this.stateCell.set(next)
    if (next.publications !== before.publications) this.watching.changed()
    if (signal.name === 'speaking') return
    this.own.obey()
    this.own.compare(this.mine())
  }

  private finish(ending: Ending): void {
    this.phaseCell.set({ name: 'over', ending })
    this.own.stopScreen()
  }

  private mine() {
    const { me, publications } = this.stateCell.get()
    return publications.filter(({ participant_id }) => participant_id === me)
  }

  private others() {
    const { me, publications } = this.stateCell.get()
    return publications.filter(({ participant_id }) => participant_id !== me)
  }

  /** What is to come, by the id of the track. */
  private heardTracks(): ReadonlyMap<string, Expected> {
    const streams = this.down.streams.get()
    const found = new Map<string, Expected>()
    for (const { id, muted, source, participant_id } of this.others()) {
      const track = streams.get(id)?.getTracks()[0]
      if (track && !muted) found.set(track.id, { participant: participant_id, source })
    }
    return found
  }

  /** Whether the way up is broken, or the room no longer holds what we think we publish. */
  private upIsLost(): boolean {
    if (this.up.state.get() === 'broken') return true
    const held = new Set(this.mine().map(({ id }) => id))
    const sent = (['microphone', 'camera', 'screen'] as const).map((s) => this.up.publicationOf(s))
    return sent.some((id) => id !== null && !held.has(id))
  }

  private playSounds(): void {
    const refresh = () => {
      const { me, publications } = this.stateCell.get()
      const streams = this.down.streams.get()
      const heard = new Map<string, MediaStream>()
      for (const { id, kind, participant_id } of publications) {
        const stream = streams.get(id)
        if (kind === 'audio' && participant_id !== me && stream) heard.set(id, stream)
      }
      this.sounds.play(heard)
    }
    this.scope.onEnd(this.stateCell.watch(refresh))
    this.scope.onEnd(this.down.streams.watch(refresh))
  }

  private deriveConnection(weak: Value<Weak>): Value<Connection> {
    const sources = [this.link.state, this.up.state, this.down.state, weak, this.phaseCell]
    return derive<Connection>(this.scope, sources, () => {
      const paths = [this.up.state.get(), this.down.state.get()]
      if (this.link.state.get() === 'cut' || paths.includes('broken')) return 'cut'
      return weak.get() ? 'weak' : 'whole'
    })
  }
}
