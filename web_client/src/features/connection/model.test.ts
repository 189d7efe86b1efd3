import { expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { FakePeer } from '../../testing/fakePeer'
import { type Browser, ConnectionCheck, needsOf, onlyPaths, verdictOf } from './model'

const RELAY = {
  urls: ['turns:relay.example:443?transport=tcp'],
  username: '1:probe',
  credential: 'pw',
}
const SDP = [
  'v=0',
  'm=audio 9 X 111',
  'a=candidate:1 1 udp 3 192.0.2.7 40001 typ host',
  'a=candidate:2 1 tcp 2 192.0.2.7 40001 typ host tcptype passive',
  'a=candidate:3 1 udp 1 127.0.0.1 40001 typ host',
  'a=mid:0',
  '',
].join('\r\n')
const tested = (relays = [RELAY]) => ({
  sdp: SDP,
  ice_servers: relays,
  first_port: 40000,
  last_port: 40003,
})

class Probe extends FakePeer {
  answer = ''

  constructor(readonly configuration: RTCConfiguration) {
    super()
  }

  override addTransceiver(): never {
    return undefined as never
  }

  override async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.answer = sdp
  }
}

class Socket extends EventTarget {
  closed = false
  close() {
    this.closed = true
  }
}

function bench(answer: () => Promise<ReturnType<typeof tested>> = async () => tested()) {
  const scope = new Scope()
  const clock = new ManualClock(0)
  const peers: Probe[] = []
  const sockets: Socket[] = []
  const asked: string[] = []
  const browser: Browser = {
    secure: true,
    origin: 'https://school.example',
    peer: (configuration) => {
      peers.push(new Probe(configuration))
      return peers.at(-1) as unknown as RTCPeerConnection
    },
    socket: (url) => {
      asked.push(url)
      sockets.push(new Socket())
      return sockets.at(-1)!
    },
  }
  const check = new ConnectionCheck(scope, clock, { testConnection: answer }, browser)
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  return { scope, clock, peers, sockets, asked, check, settle }
}

it('tries each way as a lesson would, and says that all is well', async () => {
  const { peers, sockets, asked, check, settle } = bench()
  void check.run()
  await settle()
  expect(asked).toEqual(['wss://school.example/socket.io/?EIO=4&transport=websocket'])
  sockets[0]!.dispatchEvent(new Event('open'))
  expect(peers).toHaveLength(2)
  expect(peers[0]!.answer).toContain(' udp ')
  expect(peers[0]!.answer).not.toContain(' tcp ')
  expect(peers[1]!.answer).toContain('tcptype passive')
  expect(peers[1]!.answer).not.toContain(' udp ')
  for (const peer of peers) peer.become('connected')
  await settle()
  expect(peers[2]!.configuration).toMatchObject({
    iceServers: [RELAY],
    iceTransportPolicy: 'relay',
  })
  peers[2]!.become('connected')
  await settle()
  const { outcomes, verdict, needs } = check.state.get()
  expect(new Set(Object.values(outcomes))).toEqual(new Set(['works']))
  expect(verdict).toBe('good')
  expect(needs).toEqual([
    { use: 'pages', protocol: 'TCP', host: 'school.example', port: '443' },
    { use: 'straight', protocol: 'UDP, TCP', host: '192.0.2.7', port: '40000–40003' },
    { use: 'relay', protocol: 'TCP', host: 'relay.example', port: '443' },
  ])
  expect(peers.every(({ closed }) => closed) && sockets[0]!.closed).toBe(true)
})

it('gives each way ten seconds, and calls the relay a detour', async () => {
  const { clock, peers, sockets, check, settle } = bench()
  void check.run()
  await settle()
  sockets[0]!.dispatchEvent(new Event('open'))
  peers[0]!.become('failed')
  clock.advance(10_000)
  await settle()
  expect(check.state.get().outcomes).toMatchObject({ udp: 'blocked', tcp: 'blocked' })
  expect(check.state.get().verdict).toBeNull()
  peers[2]!.become('connected')
  await settle()
  expect(check.state.get().verdict).toBe('detour')
})

it('says when nothing passes, and when there is no relay', async () => {
  const { clock, sockets, check, settle } = bench(async () => tested([]))
  void check.run()
  await settle()
  sockets[0]!.dispatchEvent(new Event('error'))
  clock.advance(10_000)
  await settle()
  const { outcomes, verdict } = check.state.get()
  expect(outcomes).toMatchObject({ socket: 'blocked', relay: 'absent' })
  expect(verdict).toBe('none')
})

it('tells what kept the test from being made, and may be run again', async () => {
  let refuse = true
  const { peers, sockets, check, settle } = bench(async () => {
    if (refuse) throw new Refusal('too_many_attempts', 429)
    return tested([])
  })
  void check.run()
  await settle()
  expect(check.state.get().error).toMatchObject({ code: 'too_many_attempts' })
  expect(peers.every(({ closed }) => closed)).toBe(true)
  refuse = false
  void check.run()
  await settle()
  expect(check.state.get().error).toBeNull()
  sockets.at(-1)!.dispatchEvent(new Event('open'))
  for (const peer of peers.slice(2)) peer.become('connected')
  await settle()
  expect(check.state.get().verdict).toBe('good')
})

it('leaves nothing open when the page is left', async () => {
  const { scope, peers, sockets, check, settle } = bench()
  void check.run()
  await settle()
  scope.end()
  await settle()
  expect(peers.every(({ closed }) => closed)).toBe(true)
  expect(sockets.every(({ closed }) => closed)).toBe(true)
})

it('judges honestly', () => {
  const all = { secure: 'works', socket: 'works', udp: 'works', tcp: 'works', relay: 'works' } as const
  expect(verdictOf(all)).toBe('good')
  expect(verdictOf({ ...all, tcp: 'blocked', relay: 'absent' })).toBe('good')
  expect(verdictOf({ ...all, udp: 'blocked' })).toBe('detour')
  expect(verdictOf({ ...all, socket: 'blocked' })).toBe('detour')
  expect(verdictOf({ ...all, secure: 'blocked' })).toBe('none')
  expect(verdictOf({ ...all, udp: 'blocked', tcp: 'blocked', relay: 'blocked' })).toBe('none')
})

it('keeps all but the other addresses, and reads relays of every kind', () => {
  expect(onlyPaths(SDP, 'relay')).toBe(onlyPaths(SDP, 'udp'))
  expect(onlyPaths(SDP, 'tcp').split('\r\n')).toHaveLength(5)
  const urls = ['turn:[2001:db8::1]', 'turn:r.example:5000?transport=tcp', 'turns:r.example']
  const relays = needsOf({ ...tested([{ ...RELAY, urls }]), last_port: 40000 })
  expect(relays.map(({ protocol, host, port }) => [protocol, host, port])).toEqual([
    ['UDP, TCP', '192.0.2.7', '40000'],
    ['UDP, TCP', '2001:db8::1', '3478'],
    ['TCP', 'r.example', '5000'],
    ['TCP', 'r.example', '5349'],
  ])
})
