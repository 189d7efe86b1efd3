import type { Clock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

export type Recording =
  | { phase: 'idle' }
  | { phase: 'asking' }
  | { phase: 'recording'; since: number }
  | { phase: 'keeping' }
  | { phase: 'refused'; error: unknown }

/** What of a browser is needed to record sound. */
export interface Studio {
  /** Asks for the microphone. Throws a DOMException, as browsers do. */
  microphone(): Promise<MediaStream>
  record(stream: MediaStream): MediaRecorder
}

const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']

export const browserStudio: Studio = {
  microphone() {
    if (!navigator.mediaDevices?.getUserMedia) throw new Refusal('microphone_insecure')
    return navigator.mediaDevices.getUserMedia({ audio: true })
  },
  record(stream) {
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one))
    return new MediaRecorder(stream, type ? { mimeType: type, audioBitsPerSecond: 48_000 } : {})
  },
}

/** Sound of a spoken answer: recorded until it is stopped, or as long as it may be. */
export class Recorder {
  private readonly cell = new Cell<Recording>({ phase: 'idle' })
  private stopNow = () => {}

  /** `done` is given the sound and how many whole seconds it lasts; `most` is seconds. */
  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly most: number,
    private readonly done: (sound: Blob, seconds: number) => Promise<void>,
    private readonly studio: Studio = browserStudio,
  ) {
    scope.onEnd(() => this.stopNow())
  }

  get state(): Value<Recording> {
    return this.cell
  }

  async start(): Promise<void> {
    const { phase } = this.cell.get()
    if (phase !== 'idle' && phase !== 'refused') return
    this.cell.set({ phase: 'asking' })
    try {
      const stream = await this.studio.microphone()
      if (this.scope.ended) stop(stream)
      else this.record(stream)
    } catch (error) {
      this.cell.set({ phase: 'refused', error: refusalOfDevice(error) })
    }
  }

  stop(): void {
    this.stopNow()
  }

  private record(stream: MediaStream): void {
    const recorder = this.studio.record(stream)
    const parts: Blob[] = []
    const since = this.clock.now()
    recorder.ondataavailable = ({ data }) => data.size > 0 && parts.push(data)
    recorder.onstop = () => {
      stop(stream)
      const seconds = Math.min(this.most, Math.max(1, Math.round((this.clock.now() - since) / 1000)))
      void this.keep(new Blob(parts, { type: recorder.mimeType.split(';')[0] ?? '' }), seconds)
    }
    const cancel = this.clock.after(this.most * 1000, () => this.stopNow())
    this.stopNow = () => {
      cancel()
      this.stopNow = () => {}
      if (recorder.state !== 'inactive') recorder.stop()
    }
    recorder.start(1000)
    this.cell.set({ phase: 'recording', since })
  }

  private async keep(sound: Blob, seconds: number): Promise<void> {
    this.cell.set({ phase: 'keeping' })
    try {
      if (sound.size > 0) await this.done(sound, seconds)
      this.cell.set({ phase: 'idle' })
    } catch (error) {
      this.cell.set({ phase: 'refused', error })
    }
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function refusalOfDevice(error: unknown): unknown {
  if (error instanceof Refusal) return error
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return new Refusal('microphone_denied')
  return new Refusal(name === 'NotFoundError' ? 'microphone_missing' : 'microphone_busy')
}

/** How a recording is called by its type. */
export function soundName(type: string): string {
  return `answer.${type.includes('mp4') ? 'm4a' : type.includes('ogg') ? 'ogg' : 'webm'}`
}
