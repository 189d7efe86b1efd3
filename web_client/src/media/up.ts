import type { Source } from '../api/types'
import type { Clock } from '../base/clock'
import { Refusal } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import { encodings, type GivesWay, lineFor, tune } from './encodings'
import { type Commands, type NewPeer, type PathState, PeerWatch, pause } from './peer'
import { sendingMids, tuneOpus } from './sdp'

/** What gives way first when the line is narrow: movement on a screen, sharpness in a face. */
const GIVES_WAY: Partial<Record<Source, GivesWay>> = {
  camera: 'maintain-framerate',
  screen: 'maintain-resolution',
}

/** A line of ours; `width` and `height` are those of the picture it was made for. */
interface Slot {
  line: RTCRtpTransceiver
  width: number
  height: number
  /** How many layers anybody needs. */
  needed?: number
}

/** The connection that sends our tracks. We offer; offers go one after the other. */
export class Up {
  private readonly cell = new Cell<PathState>('idle')
  private readonly wanted = new Map<Source, MediaStreamTrack>()
  private peer: RTCPeerConnection | null = null
  private readonly watch: PeerWatch
  private slots = new Map<Source, Slot>()
  private tuning = Promise.resolve()
  private transport: string | null = null
  private dirty = false
  private negotiating = false
  private sparing = false

  constructor(
    private readonly scope: Scope,
    private readonly commands: Commands,
    private readonly clock: Clock,
    private readonly newPeer: NewPeer,
    private readonly refused: (error: unknown) => void,
    private readonly published: () => void,
  ) {
    this.watch = new PeerWatch(scope, clock, this.cell, () => this.reopen())
    scope.onEnd(() => this.peer?.close())
  }

  get state(): Value<PathState> {
    return this.cell
  }

  get connection(): RTCPeerConnection | null {
    return this.peer
  }

  /** The id under which others know what we send, or null when it is not offered. */
  publicationOf(source: Source): string | null {
    const line = this.slots.get(source)?.line
    if (!this.transport || !line?.mid || line.direction !== 'sendonly') return null
    return `${this.transport}:${line.mid}`
  }

  /** Sends this track as `source`, in place of any former one. */
  send(source: Source, track: MediaStreamTrack): void {
    this.wanted.set(source, track)
    const line = this.slots.get(source)?.line
    if (line) {
      void line.sender.replaceTrack(track)
      if (line.direction !== 'sendonly') {
        line.direction = 'sendonly'
        this.renegotiate()
      }
      return
    }
    if (!this.peer) this.open()
    this.add(source, track)
    this.renegotiate()
  }

  /** Sends nothing for now; the publication stays, so that coming back is quick. */
  hold(source: Source): void {
    this.wanted.delete(source)
    void this.slots.get(source)?.line.sender.replaceTrack(null)
  }

  /** Ends the publication. */
  end(source: Source): void {
    this.wanted.delete(source)
    const line = this.slots.get(source)?.line
    if (line?.direction !== 'sendonly') return
    void line.sender.replaceTrack(null)
    line.direction = 'inactive'
    this.renegotiate()
  }

  /** Sends less from now on, or as much as usual. */
  spare(on: boolean): void {
    if (on === this.sparing) return
    this.sparing = on
    for (const source of this.slots.keys()) this.tune(source)
  }

  /** So many layers of what we publish are seen by anybody. */
  need(publication: string, layers: number): void {
    for (const [source, slot] of this.slots) {
      if (this.publicationOf(source) !== publication) continue
      slot.needed = layers
      this.tune(source)
    }
  }

  /** Bits a second that each of our pictures may have now, by mid. */
  meant(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const [source, { line }] of this.slots) {
      const sent = this.wish(source).filter(({ active = true }) => active)
      sums.set(
        line.mid ?? '',
        sent.reduce((sum, { maxBitrate = 0 }) => sum + maxBitrate, 0),
      )
    }
    return sums
  }

  private wish(source: Source) {
    const { width = 0, height = 0, needed } = this.slots.get(source) ?? {}
    return encodings(source, width, height, this.sparing, needed)
  }

  /** One after the other: of two at once a browser refuses the second. */
  private tune(source: Source): void {
    this.tuning = this.tuning.then(() => {
      const slot = this.slots.get(source)
      return slot && tune(slot.line.sender, this.wish(source), GIVES_WAY[source])
    })
  }

  /** The room says that a transport is gone; ours is opened anew. */
  lost(transport: string): void {
    if (transport === this.transport) this.reopen()
  }

  /** Closes the path. What was sent stays wanted: `reopen` brings it back. */
  rest(): void {
    this.close()
  }

  /** Closes the path and, if anything is to be sent, opens another. What is silent stays away until it
   *  is sent again, so that nobody seems to have turned it on. */
  reopen(): void {
    this.close()
    for (const [source, track] of [...this.wanted]) {
      if (!track.enabled || track.readyState === 'ended') this.wanted.delete(source)
    }
    if (this.wanted.size === 0 || this.scope.ended) return
    this.open()
    for (const [source, track] of this.wanted) this.add(source, track)
    this.renegotiate()
  }

  private open(): void {
    this.peer = this.newPeer()
    this.cell.set('opening')
    this.watch.watch(this.peer)
  }

  private close(): void {
    this.watch.rest()
    this.peer?.close()
    this.peer = null
    this.transport = null
    this.slots = new Map()
    this.cell.set('idle')
  }

  private add(source: Source, track: MediaStreamTrack): void {
    if (source === 'screen') track.contentHint = 'detail'
    const { width = 0, height = 0 } = track.getSettings()
    const layers = encodings(source, width, height, this.sparing)
    const line = lineFor(this.peer!, track, [layers, encodings(source, 0, 0, this.sparing)])
    const isOne = line.sender.getParameters().encodings?.length === 1
    this.slots.set(source, isOne ? { line, width: 0, height: 0 } : { line, width, height })
  }

  private renegotiate(): void {
    this.dirty = true
    if (!this.negotiating) void this.negotiate()
  }

  private async negotiate(): Promise<void> {
    this.negotiating = true
    while (this.dirty && !this.scope.ended) {
      // Wishes of one moment share one offer.
      await Promise.resolve()
      this.dirty = false
      const { peer } = this
      if (!peer) break
      try {
        await this.offer(peer)
      } catch (error) {
        if (peer === this.peer && !this.scope.ended) await this.recover(error)
      }
    }
    this.negotiating = false
  }

  /** A path that the server no longer knows, or could not be asked about, is opened anew; a plain "no"
   *  to a new path ends what we wanted to send. */
  private async recover(error: unknown): Promise<void> {
    this.cell.set('broken')
    if (this.transport === null) {
      if (isFinal(error)) {
        this.wanted.clear()
        this.refused(error)
      } else {
        await pause(this.scope, this.clock, 2_000)
      }
    }
    if (!this.scope.ended) this.reopen()
  }

  private async offer(peer: RTCPeerConnection): Promise<void> {
    await peer.setLocalDescription()
    const { sdp } = peer.localDescription!
    // What the offer says, not what we want by now: a wish that came meanwhile has its own offer.
    const sending = sendingMids(sdp)
    const mids = new Map<string, Source>()
    for (const [source, { line }] of this.slots) {
      const { mid } = line
      if (mid !== null && sending.has(mid)) mids.set(mid, source)
    }
    const answer = await this.commands.command('publish', {
      transport_id: this.transport,
      sdp,
      tracks: [...mids].map(([mid, source]) => ({ mid, source })),
    })
    if (peer !== this.peer) return
    await peer.setRemoteDescription({ type: 'answer', sdp: tuneOpus(answer.sdp, mids) })
    this.transport = answer.transport_id
    for (const source of this.slots.keys()) this.tune(source)
    this.watch.answered()
    this.published()
  }
}

/** Asking again would get the same answer. */
function isFinal(error: unknown): boolean {
  return !(error instanceof Refusal) || [403, 413, 422].includes(error.status)
}
