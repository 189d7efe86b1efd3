import type { Link } from '../api/link'
import type { Clock } from '../base/clock'
import type { Scope } from '../base/scope'
import type { Cell } from '../base/value'

/** What the media path needs of the link to the server. */
export type Commands = Pick<Link, 'command'>

/** `idle`: nothing to carry. `broken`: nothing passes now, and another path is being opened. */
export type PathState = 'idle' | 'opening' | 'whole' | 'broken'

export type NewPeer = () => RTCPeerConnection

/** Peers that know of the relays there are. The server's own addresses are in what it says; nobody else is
 *  asked. */
export function peersWith(relays: () => RTCIceServer[]): NewPeer {
  return () => new RTCPeerConnection({ iceServers: relays(), bundlePolicy: 'max-bundle' })
}

const BEAR_SILENCE = 3_000
const CONNECT_WITHIN = 8_000
const WAITS = [0, 1_000, 2_000, 4_000, 8_000]

/** Watches the peer connection of one path and asks for another when it is dead. */
export class PeerWatch {
  private watching: Scope | null = null
  private peer: RTCPeerConnection | null = null
  private failures = 0

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly state: Cell<PathState>,
    private readonly reopen: () => void,
  ) {}

  watch(peer: RTCPeerConnection): void {
    this.rest()
    this.peer = peer
    this.watching = this.scope.child()
    this.watching.listen(peer, 'connectionstatechange', () => this.changed(peer))
  }

  /** The far side has answered: from now on the connection should stand soon. */
  answered(): void {
    const state = this.peer?.connectionState
    if (state === 'new' || state === 'connecting') this.plan(CONNECT_WITHIN, () => this.doubt())
  }

  /** Stops watching. */
  rest(): void {
    this.cancel()
    this.watching?.end()
    this.watching = null
    this.peer = null
  }

  private cancel = () => {}

  private changed(peer: RTCPeerConnection): void {
    switch (peer.connectionState) {
      case 'connected':
        this.cancel()
        this.failures = 0
        this.state.set('whole')
        break
      case 'disconnected':
        this.plan(BEAR_SILENCE, () => this.doubt())
        break
      case 'failed':
        this.giveUp()
        break
    }
  }

  private doubt(): void {
    if (this.peer?.connectionState !== 'connected') this.giveUp()
  }

  private giveUp(): void {
    this.state.set('broken')
    const wait = WAITS[Math.min(this.failures++, WAITS.length - 1)]!
    this.plan(wait, () => this.reopen())
  }

  private plan(delay: number, then: () => void): void {
    this.cancel()
    const planned = this.watching
    if (!planned) return
    const cancel = this.clock.after(delay, then)
    const forget = planned.onEnd(cancel)
    this.cancel = () => {
      cancel()
      forget()
    }
  }
}

/** Resolves after `delay`, or when the scope ends. */
export function pause(scope: Scope, clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(delay, resolve)
    scope.onEnd(() => {
      cancel()
      resolve()
    })
  })
}
