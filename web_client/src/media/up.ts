import type { Source } from '../api/types'
import type { Clock } from '../base/clock'
import { Refusal } from '../base/errors'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import { type Commands, type NewPeer, type PathState, PeerWatch, pause } from './peer'
import { TARGETS } from './quality'
import { sendingMids, tuneOpus } from './sdp'

const LIMITS: Record<Source, RTCRtpEncodingParameters> = {
  microphone: { maxBitrate: TARGETS.microphone },
  camera: { maxBitrate: TARGETS.camera, maxFramerate: 24, scaleResolutionDownBy: 1 },
  screen: { maxBitrate: TARGETS.screen, maxFramerate: 15 },
  screen_sound: { maxBitrate: TARGETS.screen_sound },
}
/** While data are saved: a quarter of the picture, and a screen that moves less. */
const SPARED: Record<Source, RTCRtpEncodingParameters> = {
  ...LIMITS,
  camera: { maxBitrate: 150_000, maxFramerate: 15, scaleResolutionDownBy: 2 },
  screen: { maxBitrate: 800_000, maxFramerate: 5 },
}
/** What gives way first when the line is narrow: movement on a screen, sharpness in a face. */
const GIVES_WAY: Partial<Record<Source, RTCDegradationPreference>> = {
  camera: 'maintain-framerate',
  screen: 'maintain-resolution',
}

type RTCDegradationPreference = 'balanced' | 'maintain-framerate' | 'maintain-resolution'

/** The connection that sends our tracks. We offer; offers go one after the other. */
export class Up {
  private readonly cell = new Cell<PathState>('idle')
  private readonly wanted = new Map<Source, MediaStreamTrack>()
  private peer: RTCPeerConnection | null = null
  private readonly watch: PeerWatch
  private slots = new Map<Source, RTCRtpTransceiver>()
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
    const slot = this.slots.get(source)
    if (!this.transport || !slot?.mid || slot.direction !== 'sendonly') return null
    return `${this.transport}:${slot.mid}`
  }

  /** Sends this track as `source`, in place of any former one. */
  send(source: Source, track: MediaStreamTrack): void {
    this.wanted.set(source, track)
    const slot = this.slots.get(source)
    if (slot) {
      void slot.sender.replaceTrack(track)
      if (slot.direction !== 'sendonly') {
        slot.direction = 'sendonly'
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
    void this.slots.get(source)?.sender.replaceTrack(null)
  }

  /** Ends the publication. */
  end(source: Source): void {
    this.wanted.delete(source)
    const slot = this.slots.get(source)
    if (slot?.direction !== 'sendonly') return
    void slot.sender.replaceTrack(null)
    slot.direction = 'inactive'
    this.renegotiate()
  }

  /** Sends less from now on, or as much as usual. */
  spare(on: boolean): void {
    if (on === this.sparing) return
    this.sparing = on
    for (const [source, slot] of this.slots) void limit(slot.sender, this.limits[source])
  }

  private get limits(): Record<Source, RTCRtpEncodingParameters> {
    return this.sparing ? SPARED : LIMITS
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
    const slot = this.peer!.addTransceiver(track, {
      direction: 'sendonly',
      sendEncodings: [this.limits[source]],
    })
    this.slots.set(source, slot)
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
    for (const [source, { mid }] of this.slots) {
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
    for (const [source, slot] of this.slots) void giveWay(slot.sender, GIVES_WAY[source])
    this.watch.answered()
    this.published()
  }
}

/** Asking again would get the same answer. */
function isFinal(error: unknown): boolean {
  return !(error instanceof Refusal) || [403, 413, 422].includes(error.status)
}

async function limit(sender: RTCRtpSender, how: RTCRtpEncodingParameters): Promise<void> {
  const parameters = sender.getParameters()
  const [encoding] = parameters.encodings ?? []
  if (!encoding) return
  Object.assign(encoding, how)
  await sender.setParameters(parameters).catch(() => undefined)
}

async function giveWay(sender: RTCRtpSender, how?: RTCDegradationPreference): Promise<void> {
  if (!how) return
  const parameters = sender.getParameters() as RTCRtpSendParameters & {
    degradationPreference?: RTCDegradationPreference
  }
  if (parameters.degradationPreference === how) return
  parameters.degradationPreference = how
  // Not every browser knows the wish; sending goes on without it.
  await sender.setParameters(parameters).catch(() => undefined)
}
