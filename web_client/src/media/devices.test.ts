import { describe, expect, it } from 'vitest'
import { Scope } from '../base/scope'
import { FakeComputer, forgetful } from '../testing/fakeComputer'
import { Devices } from './devices'

function setUp(computer: FakeComputer | undefined) {
  const scope = new Scope()
  const devices = new Devices(scope, computer as unknown as MediaDevices, forgetful)
  return { scope, devices }
}
async function settle() {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

describe('Devices', () => {
  it('asks once for both', async () => {
    const computer = new FakeComputer()
    const { devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(computer.asked).toEqual(['audio+video'])
    expect(devices.microphone.get().track).not.toBeNull()
    expect(devices.camera.get().track).not.toBeNull()
  })

  it('goes on with sound alone where there is no camera', async () => {
    const computer = new FakeComputer()
    computer.refusals.video = 'NotFoundError'
    const { devices } = setUp(computer)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(devices.microphone.get().track).not.toBeNull()
    expect(devices.camera.get()).toEqual({ wanted: true, track: null, problem: 'missing' })
    expect(computer.asked).toEqual(['audio+video', 'audio', 'video'])
  })

  it('tells a refusal, and tries again when wanted again', async () => {
    const computer = new FakeComputer()
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
    const computer = new FakeComputer()
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
    const computer = new FakeComputer()
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
    const computer = new FakeComputer()
    const { devices } = setUp(computer)
    devices.want({ camera: true })
    await settle()
    computer.tracks[0]!.dispatchEvent(new Event('ended'))
    expect(devices.camera.get()).toEqual({ wanted: true, track: null, problem: 'lost' })
  })

  it('explains a page without https, where browsers give no devices', async () => {
    const scope = new Scope()
    const devices = new Devices(scope, undefined, forgetful)
    devices.want({ microphone: true, camera: true })
    await settle()
    expect(devices.camera.get().problem).toBe('insecure')
  })

  it('blurs the picture before anybody gets it, and stops both when it is turned off', async () => {
    const blurred = { stop: () => void (blurred.stopped = true), stopped: false }
    const blur = async () => blurred as unknown as MediaStreamTrack
    const devices = new Devices(new Scope(), computerMedia(), forgetful, blur)
    devices.treat({ blur: true })
    devices.want({ camera: true })
    await settle()
    expect(devices.camera.get().track).toBe(blurred)
    devices.want({ camera: false })
    await settle()
    expect(blurred.stopped).toBe(true)
  })

  it('shows nothing rather than a picture that could not be blurred', async () => {
    const blur = async () => Promise.reject(new Error('too slow'))
    const devices = new Devices(new Scope(), computerMedia(), forgetful, blur)
    devices.treat({ blur: true })
    devices.want({ camera: true })
    await settle()
    expect(devices.camera.get()).toMatchObject({ track: null, problem: 'unblurred' })
    devices.treat({ blur: false })
    await settle()
    expect(devices.camera.get().track).not.toBeNull()
  })
})

function computerMedia(): MediaDevices {
  return new FakeComputer() as unknown as MediaDevices
}
