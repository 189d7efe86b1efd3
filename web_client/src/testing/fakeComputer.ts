/** A track that ends when it is stopped, as a device's does. */
export class FakeTrack extends EventTarget {
  enabled = true
  readyState: 'live' | 'ended' = 'live'
  contentHint = ''

  constructor(
    readonly kind: 'audio' | 'video',
    readonly device = 'default',
  ) {
    super()
  }

  get stopped(): boolean {
    return this.readyState === 'ended'
  }

  stop(): void {
    this.readyState = 'ended'
  }

  getSettings(): { deviceId: string } {
    return { deviceId: this.device }
  }
}

/** A computer's devices: which kinds it refuses, and what was asked of it. */
export class FakeComputer extends EventTarget {
  refusals: { audio?: string; video?: string } = {}
  readonly asked: string[] = []
  readonly tracks: FakeTrack[] = []

  async getUserMedia(wanted: MediaStreamConstraints) {
    const kinds = (['audio', 'video'] as const).filter((kind) => wanted[kind])
    this.asked.push(kinds.join('+'))
    for (const kind of kinds) {
      const name = this.refusals[kind]
      if (name) throw Object.assign(new Error(name), { name })
    }
    const made = kinds.map((kind) => {
      const { deviceId } = wanted[kind] as { deviceId?: { ideal: string } }
      return new FakeTrack(kind, deviceId?.ideal)
    })
    this.tracks.push(...made)
    return { getTracks: () => made }
  }

  async enumerateDevices() {
    return []
  }
}

/** Remembers nothing. */
export const forgetful = { getItem: () => null, setItem: () => undefined }
