import { beforeAll, describe, expect, it } from 'vitest'
import { Link } from '../api/link'
import type { Entered, Offer, ParticipantView, PublicationView, Source } from '../api/types'
import { ManualClock } from '../base/clock'
import { Scope } from '../base/scope'
import { FakeComputer, forgetful } from '../testing/fakeComputer'
import { FakePeer } from '../testing/fakePeer'
import { FakeSocket } from '../testing/fakeSocket'
import { found, person } from '../testing/room'
import { Devices } from './devices'
import { Room } from './room'

beforeAll(() => {
  class FakeStream {
    constructor(private readonly tracks: unknown[]) {}
    getTracks() {
      return this.tracks
    }
  }
  Object.assign(globalThis, { MediaStream: FakeStream })
  HTMLMediaElement.prototype.play = async () => undefined
})

const EVERYTHING: Source[] = ['microphone', 'camera', 'screen', 'screen_sound']

/** A room server: holds one version, and what the one who enters publishes. */
class Server {
  readonly socket = new FakeSocket()
  version = 1
  transports = 0
  grants: string[] = []
  publications: PublicationView[] = []
  refuseGrant = ''
  waiting = false
  mine: Partial<ParticipantView> = {}

  constructor() {
    this.socket.answer('enter', ({ grant }) => {
      this.grants.push(grant as string)
      if (grant === this.refuseGrant) return { problem: { code: 'grant_expired', status: 401 } }
      return { ok: this.snapshot() }
    })
    this.socket.answer('receive', () => ({ ok: { transport_id: `down_${++this.transports}` } }))
    this.socket.answer('publish', (body) => this.publish(body as never))
    this.socket.answer('set_muted', () => ({ ok: {} }))
    this.socket.answer('answer', () => ({ ok: {} }))
    this.socket.answer('leave', () => ({ ok: {} }))
    this.socket.answer('watch', () => ({ ok: {} }))
  }

  snapshot(): Entered {
    return found('misha', {
      version: this.version,
      may: { publish: EVERYTHING, moderate: false },
      participants: [person('misha', this.mine), person('anna', { role: 'lead' })],
      publications: this.publications,
      waiting: this.waiting,
    })
  }

  signal(name: string, body: object, version = ++this.version): void {
    this.socket.tell('signal', { name, body: { version, ...body } })
  }

  /** Changes `muted` of something and tells so. */
  mute(id: string, muted: boolean): void {
    this.publications = this.publications.map((p) => (p.id === id ? { ...p, muted } : p))
    const publication = this.publications.find((p) => p.id === id)
    this.signal('publication_changed', { publication })
  }

  commands(name: string): Record<string, unknown>[] {
    return this.socket.sent.filter(([sent]) => sent === name).map(([, body]) => body)
  }

  private publish(body: {
    transport_id: string | null
    tracks: { mid: string; source: Source }[]
  }) {
    const transport = body.transport_id ?? `up_${++this.transports}`
    this.publications = body.tracks.map(({ mid, source }) => ({
      id: `${transport}:${mid}`,
      participant_id: 'misha',
      source,
      kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
      muted: this.publications.find((p) => p.id === `${transport}:${mid}`)?.muted ?? false,
    }))
    return { ok: { transport_id: transport, sdp: '' } }
  }
}

async function open(
  wishes = { microphone: true, camera: true },
  prepare: (server: Server) => void = () => undefined,
) {
  const server = new Server()
  prepare(server)
  const scope = new Scope()
  const clock = new ManualClock(0)
  const peers: FakePeer[] = []
  const devices = new Devices(scope, new FakeComputer() as unknown as MediaDevices, forgetful)
  devices.want(wishes)
  const permit = {
    current: 'grant_1',
    grant: () => permit.current,
    relays: () => [],
    renew: async () => {
      permit.current = 'grant_2'
    },
  }
  const newPeer = () => {
    peers.push(new FakePeer())
    return peers.at(-1) as unknown as RTCPeerConnection
  }
  const room = new Room(scope, new Link(server.socket), clock, devices, permit, newPeer)
  const settle = async () => {
    for (let i = 0; i < 6; i++) await server.socket.settle()
  }
  await settle()
  server.socket.open()
  await settle()
  const upPeers = () => peers.filter(({ lines }) => lines.some(({ sender }) => sender.track))
  return { server, scope, clock, peers, upPeers, devices, room, settle }
}

const offer = (transport_id: string, revision: number, ...ids: string[]): Offer => ({
  transport_id,
  revision,
  sdp: ids.map((_, mid) => `m=audio 9 X 96\r\na=mid:${mid}\r\n`).join(''),
  streams: ids.map((publication_id, mid) => ({ mid: String(mid), publication_id })),
})

describe('Room', () => {
  it('enters, receives and publishes what was on before', async () => {
    const { server, room } = await open()
    expect(room.phase.get()).toEqual({ name: 'in' })
    expect(server.publications.map(({ source }) => source).sort()).toEqual(['camera', 'microphone'])
    expect(room.own.state.get()).toMatchObject({ microphone: true, camera: true })
    expect(server.commands('receive')).toHaveLength(1)
  })

  it('publishes nothing when nothing is on, and the microphone once it is turned on', async () => {
    const { server, room, settle } = await open({ microphone: false, camera: false })
    expect(server.commands('publish')).toEqual([])
    room.own.setMicrophone(true)
    await settle()
    expect(server.publications.map(({ source }) => source)).toEqual(['microphone'])
  })

  it('reads the room anew after a missed signal, and leaves the media path alone', async () => {
    const { server, room, settle, peers } = await open()
    const before = peers.length
    server.version = 8
    server.signal('participant_left', { participant_id: 'anna' })
    await settle()
    expect(server.grants).toEqual(['grant_1', 'grant_1'])
    expect(room.state.get().version).toBe(9)
    expect(peers).toHaveLength(before)
  })

  it('applies what came while it was entering', async () => {
    const { server, room, settle } = await open()
    server.socket.close()
    server.socket.answer('enter', () => {
      server.signal('participant_left', { participant_id: 'anna' }, 6)
      return { ok: { ...server.snapshot(), version: 5 } }
    })
    server.socket.open()
    await settle()
    expect(room.state.get().participants.map(({ id }) => id)).toEqual(['misha'])
  })

  it('enters again with the same grant after a reconnection, and asks for another when it has run out', async () => {
    const { server, room, settle } = await open()
    server.socket.close()
    expect(room.connection.get()).toBe('cut')
    server.refuseGrant = 'grant_1'
    server.socket.open()
    await settle()
    expect(server.grants).toEqual(['grant_1', 'grant_1', 'grant_2'])
    expect(room.phase.get()).toEqual({ name: 'in' })
    expect(server.commands('receive')).toHaveLength(2)
  })

  it('publishes anew when the room forgot what it sent', async () => {
    const { server, settle } = await open()
    server.socket.close()
    server.publications = []
    server.socket.open()
    await settle()
    expect(server.commands('publish').at(-1)).toMatchObject({ transport_id: null })
    expect(server.publications).toHaveLength(2)
  })

  it('enters the room that moved with the same grant, and opens both paths anew', async () => {
    const { server, room, settle } = await open()
    server.version = 1_000_005
    server.publications = []
    server.socket.tell('signal', { name: 'moved', body: {} })
    expect(room.phase.get()).toEqual({ name: 'in' })
    await settle()
    expect(server.grants).toEqual(['grant_1', 'grant_1'])
    expect(room.phase.get()).toEqual({ name: 'in' })
    expect(room.state.get().version).toBe(1_000_005)
    expect(server.commands('receive')).toHaveLength(2)
    expect(server.publications).toHaveLength(2)
  })

  it('asks again while nobody has the room that moved, and stays in it', async () => {
    const { server, room, clock, settle } = await open()
    let away = 2
    server.socket.answer('enter', () => {
      if (away-- > 0) return { problem: { code: 'room_away', status: 503 } }
      return { ok: server.snapshot() }
    })
    server.socket.tell('signal', { name: 'moved', body: {} })
    for (let i = 0; i < 3; i++) {
      await settle()
      expect(room.phase.get()).toEqual({ name: 'in' })
      clock.advance(1_000)
    }
    await settle()
    expect(away).toBe(-1)
    expect(server.commands('receive')).toHaveLength(2)
  })

  it('answers offers in order and gives each publication its stream', async () => {
    const { server, room, settle } = await open()
    server.socket.tell('signal', { name: 'offer', body: offer('down_1', 1, 'a') })
    server.socket.tell('signal', { name: 'offer', body: offer('down_1', 2, 'a', 'b') })
    server.socket.tell('signal', { name: 'offer', body: offer('elsewhere', 1, 'c') })
    await settle()
    expect(server.commands('answer').map(({ revision }) => revision)).toEqual([1, 2])
    expect([...room.streams.get().keys()]).toEqual(['a', 'b'])
  })

  it('is over when it is replaced, and does not enter again', async () => {
    const { server, room, settle } = await open()
    server.socket.tell('signal', { name: 'replaced', body: {} })
    server.socket.close()
    server.socket.open()
    await settle()
    expect(room.phase.get()).toEqual({ name: 'over', ending: 'replaced' })
    expect(server.grants).toHaveLength(1)
  })
})

describe('the microphone', () => {
  const microphone = (server: Server) =>
    server.publications.find(({ source }) => source === 'microphone')!

  it('is muted by another and stays so through a reconnection', async () => {
    const { server, room, devices, settle } = await open()
    server.signal('publication_added', { publication: microphone(server) })
    server.mute(microphone(server).id, true)
    expect(room.own.state.get()).toMatchObject({ microphone: false, silenced: true })
    expect(devices.microphone.get().track?.enabled).toBe(false)
    server.socket.close()
    server.socket.open()
    await settle()
    expect(room.own.state.get().microphone).toBe(false)
    expect(server.commands('set_muted').filter(({ muted }) => !muted)).toEqual([])
  })

  it('comes back when one turns it on, though the old word is still on its way', async () => {
    const { server, room, settle } = await open()
    const { id } = microphone(server)
    room.own.setMicrophone(false)
    room.own.setMicrophone(true)
    server.mute(id, true)
    server.mute(id, false)
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: true, silenced: false })
  })

  it('is kept silent by the room after a reload, until one turns it on oneself', async () => {
    const { server, room, settle } = await open({ microphone: false, camera: false })
    room.own.setMicrophone(true)
    await settle()
    const publication = { ...microphone(server), muted: true }
    server.signal('publication_added', { publication })
    await settle()
    expect(server.commands('set_muted')).toEqual([{ publication_id: publication.id, muted: false }])
    expect(room.own.state.get()).toMatchObject({ microphone: true, silenced: false })
  })

  it('does not speak for itself when only the page came back', async () => {
    const { server, room, settle } = await open({ microphone: true, camera: false })
    const publication = { ...microphone(server), muted: true }
    server.signal('publication_added', { publication })
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: false, silenced: true })
    expect(server.commands('set_muted').filter(({ muted }) => !muted)).toEqual([])
  })

  it('tells the room again when the word was lost', async () => {
    const { server, room, settle } = await open()
    server.socket.close()
    room.own.setMicrophone(false)
    await settle()
    expect(server.commands('set_muted')).toEqual([])
    server.socket.open()
    await settle()
    expect(server.commands('set_muted')).toEqual([
      { publication_id: microphone(server).id, muted: true },
    ])
  })

  it('does not come along when the path is opened anew while it is silent', async () => {
    const { server, room, settle, clock, upPeers } = await open()
    room.own.setMicrophone(false)
    upPeers()[0]!.become('failed')
    clock.advance(0)
    await settle()
    expect(server.publications.map(({ source }) => source)).toEqual(['camera'])
    room.own.setMicrophone(true)
    await settle()
    expect(server.publications.map(({ source }) => source).sort()).toEqual(['camera', 'microphone'])
  })
})

describe('the door', () => {
  it('sends and receives nothing before one is admitted, then what one wished', async () => {
    const { server, room, settle } = await open(undefined, (server) => (server.waiting = true))
    expect(room.state.get().waiting).toBe(true)
    expect([server.commands('receive'), server.commands('publish')]).toEqual([[], []])
    server.socket.tell('signal', { name: 'held', body: { text: 'In five minutes' } })
    expect(room.word.get()).toBe('In five minutes')
    server.waiting = false
    server.socket.tell('signal', { name: 'admitted', body: {} })
    await settle()
    expect(server.commands('receive')).toHaveLength(1)
    expect(server.publications).toHaveLength(2)
  })

  it('does not turn a silent microphone on for who was sent back and admitted again', async () => {
    const { server, room, settle, peers } = await open()
    room.own.setMicrophone(false)
    await settle()
    server.waiting = true
    server.publications = []
    server.socket.tell('signal', { name: 'sent_back', body: {} })
    await settle()
    expect(peers.every(({ closed }) => closed)).toBe(true)
    server.waiting = false
    server.socket.tell('signal', { name: 'admitted', body: {} })
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: false, camera: true })
    expect(server.publications.map(({ source }) => source)).toEqual(['camera'])
  })
})

describe('rights', () => {
  it('turn off what they no longer cover, and do not turn it on again', async () => {
    const { server, room, settle } = await open()
    const give = (speak: boolean, show: boolean) =>
      server.signal('rights_changed', {
        participant_ids: ['misha'],
        rights: { speak, show, share: true, write: true },
      })
    give(false, false)
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: false, camera: false })
    room.own.setMicrophone(true)
    expect(room.own.state.get().microphone).toBe(false)
    give(true, true)
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: false, camera: false })
    room.own.setMicrophone(true)
    expect(room.own.state.get().microphone).toBe(true)
  })

  it('to share end with a share that was stopped', async () => {
    const { server, room, settle } = await open()
    server.socket.tell('signal', {
      name: 'stopped',
      body: { publication_id: 'x', source: 'microphone' },
    })
    await settle()
    expect(room.own.state.get()).toMatchObject({ microphone: false, silenced: true })
  })
})

describe('the path up', () => {
  it('is opened anew when it fails, or is silent for three seconds', async () => {
    const { server, clock, upPeers, settle } = await open()
    upPeers()[0]!.become('connected')
    upPeers()[0]!.become('disconnected')
    clock.advance(2_900)
    await settle()
    expect(upPeers()).toHaveLength(1)
    clock.advance(200)
    await settle()
    expect(upPeers()).toHaveLength(2)
    expect(upPeers()[0]!.closed).toBe(true)
    expect(server.commands('publish').at(-1)).toMatchObject({ transport_id: null })
  })

  it('bears a short silence', async () => {
    const { clock, upPeers, settle } = await open()
    upPeers()[0]!.become('connected')
    upPeers()[0]!.become('disconnected')
    clock.advance(1_000)
    upPeers()[0]!.become('connected')
    clock.advance(10_000)
    await settle()
    expect(upPeers()).toHaveLength(1)
  })

  it('is opened anew when the room says that it is lost', async () => {
    const { server, upPeers, settle } = await open()
    const transport = microphoneTransport(server)
    server.socket.tell('signal', { name: 'transport_lost', body: { transport_id: transport } })
    await settle()
    expect(upPeers()).toHaveLength(2)
    expect(microphoneTransport(server)).not.toBe(transport)
  })

  it('releases a camera that is turned off and keeps its place', async () => {
    const { server, room, devices, settle, upPeers } = await open()
    const { track } = devices.camera.get()
    room.own.setCamera(false)
    await settle()
    expect((track as unknown as { stopped: boolean }).stopped).toBe(true)
    expect(server.commands('publish')).toHaveLength(1)
    expect(server.commands('set_muted')).toMatchObject([{ muted: true }])
    room.own.setCamera(true)
    await settle()
    expect(server.commands('publish')).toHaveLength(1)
    expect(server.commands('set_muted')).toMatchObject([{ muted: true }, { muted: false }])
    expect(upPeers()).toHaveLength(1)
  })

  it('tells what it may not send, and sends nothing of it', async () => {
    const { server, room, settle } = await open({ microphone: false, camera: false })
    server.socket.answer('publish', () => ({ problem: { code: 'may_not_publish', status: 403 } }))
    room.own.setMicrophone(true)
    await settle()
    expect(room.trouble.get()).toMatchObject({ code: 'may_not_publish' })
    expect(server.commands('publish')).toHaveLength(1)
  })
})

function microphoneTransport(server: Server): string {
  return server.publications.find(({ source }) => source === 'microphone')!.id.split(':')[0]!
}
