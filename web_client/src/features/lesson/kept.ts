import type { Consent } from './model'
import type { Layout } from './room/model'

/** What a tab remembers of a lesson it is in, so that a reload leads straight back. */
export interface Kept {
  grant: string
  relays: RTCIceServer[]
  microphone: boolean
  camera: boolean
  layout: Layout | null
  consent: Consent
}

export class KeptLesson {
  private readonly key: string

  constructor(
    lessonId: string,
    private readonly store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  ) {
    this.key = `sabaq.lesson.${lessonId}`
  }

  read(): Kept | null {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? 'null') as Kept | null
    } catch {
      return null
    }
  }

  write(part: Partial<Kept>): void {
    const none: Kept = {
      grant: '',
      relays: [],
      microphone: false,
      camera: false,
      layout: null,
      consent: 'given',
    }
    this.store.setItem(this.key, JSON.stringify({ ...none, ...this.read(), ...part }))
  }

  forget(): void {
    this.store.removeItem(this.key)
  }
}
