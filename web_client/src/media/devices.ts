import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'

export type InputKind = 'microphone' | 'camera'

/** Why a device gives nothing. Each has a sentence in the catalogues: `devices.problem.<name>`. */
export type DeviceProblem = 'insecure' | 'denied' | 'missing' | 'busy' | 'lost'

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

const OFF: Input = { wanted: false, track: null, problem: null }
const KINDS: readonly InputKind[] = ['microphone', 'camera']
const KEPT = 'sabaq.devices'

/** The microphone, camera and loudspeaker of this computer. Opens what is wanted, closes what is not,
 *  and never stops anybody from joining: what cannot be had is told as a problem. */
export class Devices {
  private readonly inputs = { microphone: new Cell<Input>(OFF), camera: new Cell<Input>(OFF) }
  private readonly listed = new Cell<DeviceLists>({ microphone: [], camera: [], speaker: [] })
  private readonly choice: Cell<Chosen>
  private working = false
  private stale = new Set<InputKind>()

  constructor(
    private readonly scope: Scope,
    private readonly media: MediaDevices | undefined = navigator.mediaDevices,
    private readonly store: Pick<Storage, 'getItem' | 'setItem'> = localStorage,
  ) {
    this.choice = new Cell(readChoice(store))
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
    if (kind === 'speaker') return
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
      this.take(await this.media.getUserMedia(this.constraints(kinds)))
    } catch (error) {
      if (kinds.length === 1) return this.fail(kinds[0]!, problemOf(error))
      for (const kind of kinds) await this.open([kind])
    }
    void this.list()
  }

  private take(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      const kind: InputKind = track.kind === 'audio' ? 'microphone' : 'camera'
      if (this.scope.ended) {
        track.stop()
        continue
      }
      this.stale.delete(kind)
      track.addEventListener('ended', () => {
        if (this.inputs[kind].get().track === track) this.fail(kind, 'lost')
      })
      this.inputs[kind].update((input) => ({ ...input, track, problem: null }))
    }
  }

  private fail(kind: InputKind, problem: DeviceProblem): void {
    this.inputs[kind].update((input) => ({ ...input, track: null, problem }))
  }

  private constraints(kinds: readonly InputKind[]): MediaStreamConstraints {
    const { microphone, camera } = this.choice.get()
    const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    const picture = {
      width: { ideal: 640 },
      height: { ideal: 360 },
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

function readChoice(store: Pick<Storage, 'getItem'>): Chosen {
  const none: Chosen = { microphone: '', camera: '', speaker: '' }
  try {
    return { ...none, ...JSON.parse(store.getItem(KEPT) ?? '{}') }
  } catch {
    return none
  }
}
