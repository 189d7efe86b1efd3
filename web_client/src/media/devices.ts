import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'

export type InputKind = 'microphone' | 'camera'

/** Why a device gives nothing. Each has a sentence in the catalogues: `devices.problem.<name>`.
 *  `unblurred`: the picture cannot be blurred here, and is not shown as it is. */
export type DeviceProblem = 'insecure' | 'denied' | 'missing' | 'busy' | 'lost' | 'unblurred'

export interface Input {
  wanted: boolean
  /** Null while it is off, being opened, or impossible. */
  track: MediaStreamTrack | null
  problem: DeviceProblem | null
}

export interface DeviceLists {
  microphone: readonly MediaDeviceInfo[]
  camera: readonly MediaDeviceInfo[]
  speaker: readonly MediaDeviceInfo[]
}

export interface Chosen {
  microphone: string
  camera: string
  speaker: string
}

/** What is done to sound and picture before they leave this computer. */
export interface Treatment {
  /** The browser takes steady noise out of the voice. */
  quiet: boolean
  /** What is behind the person is blurred. */
  blur: boolean
}

/** Makes a picture blurred behind the person. Stopping its track stops the camera's. */
export type Blur = (track: MediaStreamTrack) => Promise<MediaStreamTrack>

const OFF: Input = { wanted: false, track: null, problem: null }
const KINDS: readonly InputKind[] = ['microphone', 'camera']
const KEPT = 'sabaq.devices'
const TREATED = 'sabaq.treatment'
/** A machine that can make a large picture and smaller ones of it. */
const ABLE = navigator.hardwareConcurrency > 4
const lazyBlur: Blur = async (track) => (await import('./blur')).blurred(track)

/** The microphone, camera and loudspeaker of this computer. Opens what is wanted, closes what is not,
 *  and never stops anybody from joining: what cannot be had is told as a problem. */
export class Devices {
  private readonly inputs = { microphone: new Cell<Input>(OFF), camera: new Cell<Input>(OFF) }
  private readonly listed = new Cell<DeviceLists>({ microphone: [], camera: [], speaker: [] })
  private readonly choice: Cell<Chosen>
  private readonly treatmentCell: Cell<Treatment>
  private working = false
  private stale = new Set<InputKind>()

  constructor(
    private readonly scope: Scope,
    private readonly media: MediaDevices | undefined = navigator.mediaDevices,
    private readonly store: Pick<Storage, 'getItem' | 'setItem'> = localStorage,
    private readonly blur: Blur = lazyBlur,
  ) {
    this.choice = new Cell(read<Chosen>(store, KEPT, { microphone: '', camera: '', speaker: '' }))
    this.treatmentCell = new Cell(read<Treatment>(store, TREATED, { quiet: true, blur: false }))
    if (media) scope.listen(media, 'devicechange', () => void this.list())
    void this.list()
    scope.onEnd(() => KINDS.forEach((kind) => this.inputs[kind].get().track?.stop()))
  }

  get microphone(): Value<Input> {
    return this.inputs.microphone
  }

  get camera(): Value<Input> {
    return this.inputs.camera
  }

  get lists(): Value<DeviceLists> {
    return this.listed
  }

  get chosen(): Value<Chosen> {
    return this.choice
  }

  get treatment(): Value<Treatment> {
    return this.treatmentCell
  }

  /** Treats sound and picture otherwise from now on; devices that are open are opened anew. */
  treat(part: Partial<Treatment>): void {
    const before = this.treatmentCell.get()
    const now = { ...before, ...part }
    this.treatmentCell.set(now)
    this.store.setItem(TREATED, JSON.stringify(now))
    if (now.quiet !== before.quiet) this.renew('microphone')
    if (now.blur !== before.blur) this.renew('camera')
  }

  /** Opens or closes devices. Wanting something again tries again after a problem. */
  want(wishes: Partial<Record<InputKind, boolean>>): void {
    for (const kind of KINDS) {
      const wanted = wishes[kind]
      if (wanted === undefined) continue
      this.inputs[kind].update((input) => ({ ...input, wanted, problem: null }))
    }
    void this.reconcile()
  }

  choose(kind: keyof Chosen, deviceId: string): void {
    this.choice.update((chosen) => ({ ...chosen, [kind]: deviceId }))
    this.store.setItem(KEPT, JSON.stringify(this.choice.get()))
    if (kind !== 'speaker') this.renew(kind)
  }

  private renew(kind: InputKind): void {
    this.stale.add(kind)
    this.inputs[kind].update((input) => ({ ...input, problem: null }))
    void this.reconcile()
  }

  private async reconcile(): Promise<void> {
    if (this.working) return
    this.working = true
    while (!this.scope.ended) {
      for (const kind of KINDS) this.closeUnwanted(kind)
      const lacking = KINDS.filter((kind) => {
        const { wanted, track, problem } = this.inputs[kind].get()
        return wanted && !track && !problem
      })
      if (lacking.length === 0) break
      await this.open(lacking)
    }
    this.working = false
  }

  private closeUnwanted(kind: InputKind): void {
    const { wanted, track } = this.inputs[kind].get()
    if (!track || (wanted && !this.stale.has(kind))) return
    this.stale.delete(kind)
    track.stop()
    this.inputs[kind].update((input) => ({ ...input, track: null }))
  }

  /** Both at once if both are lacking, so that the browser asks once; then each alone. */
  private async open(kinds: readonly InputKind[]): Promise<void> {
    if (!this.media) {
      for (const kind of kinds) this.fail(kind, 'insecure')
      return
    }
    try {
      await this.take(await this.media.getUserMedia(this.constraints(kinds)))
    } catch (error) {
      if (kinds.length === 1) return this.fail(kinds[0]!, problemOf(error))
      for (const kind of kinds) await this.open([kind])
    }
    void this.list()
  }

  private async take(stream: MediaStream): Promise<void> {
    for (const given of stream.getTracks()) {
      const kind: InputKind = given.kind === 'audio' ? 'microphone' : 'camera'
      this.stale.delete(kind)
      const track = kind === 'camera' ? await this.treated(given) : given
      if (!track) continue
      if (this.scope.ended) {
        track.stop()
        continue
      }
      given.addEventListener('ended', () => {
        if (this.inputs[kind].get().track === track) this.fail(kind, 'lost')
      })
      this.inputs[kind].update((input) => ({ ...input, track, problem: null }))
    }
  }

  /** Null when the picture was to be blurred and cannot be: then nothing is shown. */
  private async treated(track: MediaStreamTrack): Promise<MediaStreamTrack | null> {
    if (!this.treatmentCell.get().blur) return track
    try {
      return await this.blur(track)
    } catch {
      track.stop()
      this.fail('camera', 'unblurred')
      return null
    }
  }

  private fail(kind: InputKind, problem: DeviceProblem): void {
    this.inputs[kind].update((input) => ({ ...input, track: null, problem }))
  }

  private constraints(kinds: readonly InputKind[]): MediaStreamConstraints {
    const { microphone, camera } = this.choice.get()
    const noiseSuppression = this.treatmentCell.get().quiet
    const voice = { echoCancellation: true, noiseSuppression, autoGainControl: true }
    const picture = {
      width: { ideal: ABLE ? 1280 : 640 },
      height: { ideal: ABLE ? 720 : 360 },
      frameRate: { ideal: 24, max: 30 },
    }
    const by = (id: string) => (id ? { deviceId: { ideal: id } } : {})
    return {
      audio: kinds.includes('microphone') && { ...voice, ...by(microphone) },
      video: kinds.includes('camera') && { ...picture, ...by(camera) },
    }
  }

  private async list(): Promise<void> {
    const all = (await this.media?.enumerateDevices().catch(() => [])) ?? []
    if (this.scope.ended) return
    const of = (kind: MediaDeviceKind) =>
      all.filter((device) => device.kind === kind && device.deviceId !== '')
    this.listed.set({
      microphone: of('audioinput'),
      camera: of('videoinput'),
      speaker: of('audiooutput'),
    })
  }
}

function problemOf(error: unknown): DeviceProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return 'busy'
}

function read<T extends object>(store: Pick<Storage, 'getItem'>, key: string, usual: T): T {
  try {
    return { ...usual, ...JSON.parse(store.getItem(key) ?? '{}') }
  } catch {
    return usual
  }
}
