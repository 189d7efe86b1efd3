import type { Api } from '../../api/client'
import type { Clock } from '../../base/clock'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

export const CHECKS = ['secure', 'socket', 'udp', 'tcp', 'relay'] as const
export type Check = (typeof CHECKS)[number]
/** `absent`: the school has no relay. */
export type Outcome = 'waiting' | 'trying' | 'works' | 'blocked' | 'absent'
export type Outcomes = Readonly<Record<Check, Outcome>>
/** `good`: straight. `detour`: over a way that bears less. `none`: lessons will not work. */
export type Verdict = 'good' | 'detour' | 'none'

/** What must be let through: who is to be reached, by what. */
export interface Need {
  use: 'pages' | 'straight' | 'relay'
  protocol: 'TCP' | 'UDP, TCP'
  host: string
  /** `443`, or `40000–40003`. */
  port: string
}

export interface ConnectionState {
  outcomes: Outcomes
  /** Null while it is not known. */
  verdict: Verdict | null
  needs: readonly Need[]
  /** What kept the test itself from being made. */
  error: unknown
}

/** What the test needs of the browser. */
export interface Browser {
  secure: boolean
  origin: string
  peer(configuration: RTCConfiguration): RTCPeerConnection
  socket(url: string): EventTarget & { close(): void }
}

export const thisBrowser: Browser = {
  secure: globalThis.isSecureContext,
  origin: location.origin,
  peer: (configuration) => new RTCPeerConnection(configuration),
  socket: (url) => new WebSocket(url),
}

type Tested = Awaited<ReturnType<Api['testConnection']>>
type Path = 'udp' | 'tcp' | 'relay'

const WITHIN = 10_000
/** A relay first makes a connection of its own. */
const RELAY_WITHIN = 15_000
const NOTHING: Outcomes = {
  secure: 'waiting',
  socket: 'waiting',
  udp: 'waiting',
  tcp: 'waiting',
  relay: 'waiting',
}

/** Tries each way to the server as a lesson would take it. */
export class ConnectionCheck {
  private readonly cell = new Cell<ConnectionState>(fresh())
  private running = false

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly api: Pick<Api, 'testConnection'>,
    private readonly browser: Browser = thisBrowser,
  ) {}

  get state(): Value<ConnectionState> {
    return this.cell
  }

  /** Tries everything, anew. */
  async run(): Promise<void> {
    if (this.running) return
    this.running = true
    this.cell.set({ ...fresh(), needs: [pages(this.browser.origin)] })
    this.set('secure', this.browser.secure ? 'works' : 'blocked')
    const socket = this.trySocket()
    try {
      const [{ ice_servers: relays }] = await Promise.all([this.try('udp'), this.try('tcp')])
      if (relays.length > 0) await this.try('relay', relays)
      else this.set('relay', 'absent')
      await socket
      if (!this.scope.ended) {
        this.change({ verdict: verdictOf(this.cell.get().outcomes) })
      }
    } catch (error) {
      this.change({ error })
    } finally {
      this.running = false
    }
  }

  private async trySocket(): Promise<void> {
    this.set('socket', 'trying')
    const url = `${this.browser.origin.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`
    const attempt = this.scope.child()
    const works = await new Promise<boolean>((resolve) => {
      const socket = this.browser.socket(url)
      attempt.onEnd(() => socket.close())
      attempt.onEnd(() => resolve(false))
      attempt.listen(socket, 'open', () => resolve(true))
      attempt.listen(socket, 'error', () => resolve(false))
      attempt.onEnd(this.clock.after(WITHIN, () => resolve(false)))
    })
    attempt.end()
    this.set('socket', works ? 'works' : 'blocked')
  }

  private async try(path: Path, relays: RTCIceServer[] = []): Promise<Tested> {
    this.set(path, 'trying')
    const attempt = this.scope.child()
    try {
      const peer = this.browser.peer({
        iceServers: relays,
        iceTransportPolicy: path === 'relay' ? 'relay' : 'all',
        bundlePolicy: 'max-bundle',
      })
      attempt.onEnd(() => peer.close())
      peer.addTransceiver('audio', { direction: 'sendonly' })
      await peer.setLocalDescription()
      const tested = await this.api.testConnection(peer.localDescription!.sdp)
      this.learn(tested)
      const connected = this.connected(attempt, peer, path === 'relay' ? RELAY_WITHIN : WITHIN)
      await peer.setRemoteDescription({ type: 'answer', sdp: onlyPaths(tested.sdp, path) })
      this.set(path, (await connected) ? 'works' : 'blocked')
      return tested
    } finally {
      attempt.end()
    }
  }

  private connected(attempt: Scope, peer: RTCPeerConnection, within: number): Promise<boolean> {
    return new Promise((resolve) => {
      attempt.listen(peer, 'connectionstatechange', () => {
        if (peer.connectionState === 'connected') resolve(true)
        if (peer.connectionState === 'failed') resolve(false)
      })
      attempt.onEnd(() => resolve(false))
      attempt.onEnd(this.clock.after(within, () => resolve(false)))
    })
  }

  private learn(tested: Tested): void {
    this.change({ needs: [pages(this.browser.origin), ...needsOf(tested)] })
  }

  private set(check: Check, outcome: Outcome): void {
    this.change({ outcomes: { ...this.cell.get().outcomes, [check]: outcome } })
  }

  private change(part: Partial<ConnectionState>): void {
    if (!this.scope.ended) this.cell.set({ ...this.cell.get(), ...part })
  }
}

function fresh(): ConnectionState {
  return { outcomes: NOTHING, verdict: null, needs: [], error: null }
}

/** The answer with the server's addresses of one protocol alone. A relay reaches them over UDP. */
export function onlyPaths(sdp: string, path: Path): string {
  const wanted = path === 'tcp' ? 'tcp' : 'udp'
  return sdp
    .split('\r\n')
    .filter(
      (line) =>
        !line.startsWith('a=candidate:') || line.split(' ')[2]?.toLowerCase() === wanted,
    )
    .join('\r\n')
}

export function verdictOf(outcomes: Outcomes): Verdict {
  const { secure, socket, udp, tcp, relay } = outcomes
  if (secure !== 'works' || ![udp, tcp, relay].includes('works')) return 'none'
  return udp === 'works' && socket === 'works' ? 'good' : 'detour'
}

function pages(origin: string): Need {
  const { hostname, port, protocol } = new URL(origin)
  const usual = protocol === 'https:' ? '443' : '80'
  return { use: 'pages', protocol: 'TCP', host: hostname, port: port || usual }
}

/** What the server says of its addresses and its relay. */
export function needsOf(tested: Tested): Need[] {
  const { first_port: first, last_port: last } = tested
  const port = first === last ? `${first}` : `${first}–${last}`
  const hosts = tested.sdp
    .split('\r\n')
    .filter((line) => line.startsWith('a=candidate:'))
    .map((line) => line.split(' ')[4]!)
    .filter((host) => !/^(127\.|::1$)/.test(host))
  const straight = [...new Set(hosts)].map(
    (host): Need => ({ use: 'straight', protocol: 'UDP, TCP', host, port }),
  )
  const relays = tested.ice_servers.flatMap(({ urls }) => urls.map(relayOf))
  return [...straight, ...relays]
}

function relayOf(url: string): Need {
  const [, scheme, host, port, transport] =
    /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url) ?? []
  const secure = scheme === 'turns'
  return {
    use: 'relay',
    protocol: secure || transport === 'tcp' ? 'TCP' : 'UDP, TCP',
    host: (host ?? url).replace(/^\[|\]$/g, ''),
    port: port ?? (secure ? '5349' : '3478'),
  }
}
