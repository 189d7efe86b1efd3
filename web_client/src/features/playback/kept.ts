import { LAYOUTS, type Layout, SPEEDS } from './shapes'

/** How somebody watched a recording last, on this device. */
export interface Kept {
  at: number
  rate: number
  layout: Layout
  captions: boolean
}

const MOST = 60
const PREFIX = 'sabaq.playback.'
/** Seconds from the end at which it was watched to the end, and begins anew. */
const END = 10

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

export class KeptPlace {
  private readonly key: string

  constructor(
    person: string,
    recording: string,
    private readonly store: Store,
  ) {
    this.key = `${PREFIX}${person}.${recording}`
  }

  read(length: number): Kept {
    const kept = this.parsed()
    const at = Number(kept.at)
    return {
      at: at > 0 && at < length - END ? at : 0,
      rate: SPEEDS.find((speed) => speed === kept.rate) ?? 1,
      layout: LAYOUTS.find((layout) => layout === kept.layout) ?? 'stage',
      captions: kept.captions === true,
    }
  }

  write(kept: Kept): void {
    try {
      if (this.store.getItem(this.key) === null) this.makeRoom()
      this.store.setItem(this.key, JSON.stringify(kept))
    } catch {
      // A full or forbidden store: one begins anew next time, and that is all.
    }
  }

  private parsed(): Partial<Kept> {
    try {
      return (JSON.parse(this.store.getItem(this.key) ?? '{}') ?? {}) as Partial<Kept>
    } catch {
      return {}
    }
  }

  private makeRoom(): void {
    const keys = Array.from({ length: this.store.length }, (_, at) => this.store.key(at) ?? '')
    const ours = keys.filter((key) => key.startsWith(PREFIX))
    for (const key of ours.slice(0, Math.max(0, ours.length - MOST + 1))) this.store.removeItem(key)
  }
}
