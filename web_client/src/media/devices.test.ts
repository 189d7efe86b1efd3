import { describe, expect, it } from 'vitest'
import { Scope } from '../base/scope'
import { Devices } from './devices'

class Track extends EventTarget {
  stopped = false
  constructor(
    readonly kind: 'audio' | 'video',
    readonly device: string,
  ) {
    super()
  }
  stop() {
    this.stopped = true
  }
}

/** A computer: which kinds it refuses, and what was asked of it. */
class Computer extends EventTarget {
  refusals: { audio?: string; video?: string } = {}
  readonly asked: string[] = []
  readonly tracks: Track[] = []

  async getUserMedia(wanted: MediaStreamConstraints) {
    const kinds = (['audio', 'video'] as const).filter((kind) => wanted[kind])
    this.asked.push(kinds.join('+'))
    for (const kind of kinds) {
      const name = this.refusals[kind]
      if (name) throw Object.assign(new Error(name), { name })
    }
    const made = kinds.map((kind) => {
      const { deviceId } = wanted[kind] as { deviceId?: { ideal: string } }
      return new Track(kind, deviceId?.ideal ?? 'default')
    })
    this.tracks.push(...made)
    return { getTracks: () => made }
  }

  async enumerateDevices() {
    return []
  }
}

const store = { getItem: () => null, setItem: () => undefined }

function setUp(computer: Computer | undefined) {
  const scope = new Scope()
  const devices = new Devices(scope, computer as unknown as MediaDevices, store)
  return { scope, devices }
}
async function settle() {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

describe('Devices', () => {
  it('asks once for both', async () => {
    const computer = new Computer()
    const { devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(computer.asked).toEqual(['audio+video'])
    expect(devices.microphone.get().track).not.toBeNull()
    expect(devices.camera.get().track).not.toBeNull()
  })

  it('goes on with sound alone where there is no camera', async () => {
    const computer = new Computer()
    computer.refusals.video = 'NotFoundError'
    const { devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(devices.microphone.get().track).not.toBeNull()
    expect(devices.camera.get()).toEqual({ wanted: true, track: null, problem: 'missing' })
    expect(computer.asked).toEqual(['audio+video', 'audio', 'video'])
  })

  it('tells a refusal, and tries again when wanted again', async () => {
    const computer = new Computer()
    computer.refusals = { audio: 'NotAllowedError', video: 'NotAllowedError' }
    const { devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(devices.microphone.get().problem).toBe('denied')
    computer.refusals = {}
    devices.want({ microphone: true })
    await settle()
    expect(devices.microphone.get()).toMatchObject({ problem: null })
    expect(devices.microphone.get().track).not.toBeNull()
    expect(devices.camera.get().problem).toBe('denied')
  })

  it('stops a camera that is turned off, and at the end', async () => {
    const computer = new Computer()
    const { scope, devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    devices.want({ camera: false })
    await settle()
    expect(computer.tracks.map((track) => track.stopped)).toEqual([false, true])
    scope.end()
    expect(computer.tracks.map((track) => track.stopped)).toEqual([true, true])
  })

  it('opens the device that was chosen in place of the former', async () => {
    const computer = new Computer()
    const { devices } = setUp(computer)
    devices.want({ microphone: true })
    await settle()
    devices.choose('microphone', 'headset')
    await settle()
    expect(computer.tracks.map(({ device, stopped }) => [device, stopped])).toEqual([
      ['default', true],
      ['headset', false],
    ])
  })

  it('notices an unplugged device', async () => {
    const computer = new Computer()
    const { devices } = setUp(computer)
    devices.want({ camera: true })
    await settle()
    computer.tracks[0]!.dispatchEvent(new Event('ended'))
    expect(devices.camera.get()).toEqual({ wanted: true, track: null, problem: 'lost' })
  })

  it('explains a page without https, where browsers give no devices', async () => {
    const scope = new Scope()
    const devices = new Devices(scope, undefined, store)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(devices.camera.get().problem).toBe('insecure')
  })
})
