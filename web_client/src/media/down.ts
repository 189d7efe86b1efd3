import type { Offer } from '../api/types'
import type { Clock } from '../base/clock'
import { isRefusal } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import { type Commands, type NewPeer, type PathState, PeerWatch, pause } from './peer'

export type Streams = ReadonlyMap<string, MediaStream>

/** The connection that brings what others publish. The room offers, we answer, one after the other. */
export class Down {
  private readonly cell = new Cell<PathState>('idle')
  private readonly received = new Cell<Streams>(new Map())
  private peer: RTCPeerConnection | null = null
  private readonly watch: PeerWatch
  private transport: string | null = null
  /** The newest offer for each transport that came before we knew that it is ours. */
  private readonly early = new Map<string, Offer>()
  private work: Promise<void> = Promise.resolve()
  private opening = false

  constructor(
    private readonly scope: Scope,
    private readonly commands: Commands,
    private readonly clock: Clock,
    private readonly newPeer: NewPeer,
  ) {
    this.watch = new PeerWatch(scope, clock, this.cell, () => void this.open())
    scope.onEnd(() => this.peer?.close())
  }

  get state(): Value<PathState> {
    return this.cell
  }

  get connection(): RTCPeerConnection | null {
    return this.peer
  }

  /** What comes in now, by publication. Kept while the path is opened anew, until it is replaced. */
  get streams(): Value<Streams> {
    return this.received
  }

  /** Opens the path, or opens it anew. */
  async open(): Promise<void> {
    if (this.opening) return
    this.opening = true
    const former = this.peer
    const transport = this.transport
    this.watch.rest()
    this.peer = null
    this.transport = null
    try {
      const { transport_id } = await this.commands.command('receive', {})
      if (!this.scope.ended) this.start(transport_id)
      former?.close()
    } catch (error) {
      this.cell.set('broken')
      if (isRefusal(error, 'unreachable')) this.takeBack(former, transport)
      else former?.close()
      void this.tryLater()
    } finally {
      this.opening = false
    }
  }

  /** Nobody answers, so the whole network may be away: the former path may come back with it. */
  private takeBack(former: RTCPeerConnection | null, transport: string | null): void {
    if (!former || this.scope.ended) return former?.close()
    this.peer = former
    this.transport = transport
    this.watch.watch(former)
  }

  /** Closes the path: there is nothing to receive for now. */
  rest(): void {
    this.watch.rest()
    this.peer?.close()
    this.peer = null
    this.transport = null
    this.received.set(new Map())
    this.cell.set('idle')
  }

  /** The room offers what there is to receive. */
  offered(offer: Offer): void {
    if (offer.transport_id !== this.transport) {
      this.early.set(offer.transport_id, offer)
      return
    }
    const peer = this.peer!
    this.work = this.work.then(() => this.answer(peer, offer)).catch(() => this.spoiled(peer))
  }

  lost(transport: string): void {
    if (transport === this.transport) void this.open()
  }

  private start(transport: string): void {
    this.transport = transport
    this.peer = this.newPeer()
    this.cell.set('idle')
    this.watch.watch(this.peer)
    const offer = this.early.get(transport)
    this.early.clear()
    if (offer) this.offered(offer)
  }

  private async answer(peer: RTCPeerConnection, offer: Offer): Promise<void> {
    if (peer !== this.peer) return
    await peer.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    await peer.setLocalDescription()
    this.map(peer, offer)
    await this.commands.command('answer', {
      transport_id: offer.transport_id,
      revision: offer.revision,
      sdp: peer.localDescription!.sdp,
    })
    if (this.cell.get() === 'idle') this.cell.set('opening')
    this.watch.answered()
  }

  private map(peer: RTCPeerConnection, offer: Offer): void {
    const tracks = new Map(peer.getTransceivers().map((line) => [line.mid, line.receiver.track]))
    const former = this.received.get()
    const next = new Map<string, MediaStream>()
    for (const { mid, publication_id } of offer.streams) {
      const track = tracks.get(mid)
      if (!track) continue
      const kept = former.get(publication_id)
      const same = kept?.getTracks()[0] === track
      next.set(publication_id, kept && same ? kept : new MediaStream([track]))
    }
    this.received.set(next)
  }

  private async spoiled(peer: RTCPeerConnection): Promise<void> {
    if (peer !== this.peer || this.scope.ended) return
    this.cell.set('broken')
    await this.tryLater()
  }

  private async tryLater(): Promise<void> {
    await pause(this.scope, this.clock, 2_000)
    if (!this.scope.ended && this.cell.get() === 'broken') await this.open()
  }
}
