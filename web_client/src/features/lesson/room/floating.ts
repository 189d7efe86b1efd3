import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'

export type Float = 'none' | 'picture' | 'window'

/** A picture as the page has it. */
export interface Shown {
  stream: MediaStream
  /** Null: one's own. */
  publication: string | null
}

type PictureWindows = { requestWindow(size: { width: number; height: number }): Promise<Window> }

/** The stage in a window of its own, over other programs or on another screen. It follows the stage. */
export class Floating {
  private readonly cell = new Cell<Float>('none')
  private readonly video = document.createElement('video')
  private shown: Shown | null = null
  private window: Window | null = null
  private release = () => {}

  constructor(
    scope: Scope,
    private readonly keep: (publication: string) => () => void,
  ) {
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true })
    scope.listen(this.video, 'leavepictureinpicture', () => this.closed())
    scope.onEnd(() => this.close())
  }

  get state(): Value<Float> {
    return this.cell
  }

  get canPicture(): boolean {
    return document.pictureInPictureEnabled === true
  }

  /** What the stage shows now. */
  follow(shown: Shown | null): void {
    if (shown?.stream === this.shown?.stream) return
    this.shown = shown
    if (this.cell.get() !== 'none') this.play()
  }

  /** Call from a tap. Answers false where the browser does not do it. */
  async open(how: 'picture' | 'window'): Promise<boolean> {
    this.close()
    this.play()
    try {
      if (how === 'picture') await this.openPicture()
      else await this.openWindow()
    } catch {
      this.closed()
      return false
    }
    this.cell.set(how)
    this.play()
    return true
  }

  close(): void {
    if (document.pictureInPictureElement === this.video) {
      void document.exitPictureInPicture().catch(() => undefined)
    }
    this.window?.close()
    this.closed()
  }

  private async openPicture(): Promise<void> {
    if (this.video.readyState === 0) {
      await new Promise((resolve) =>
        this.video.addEventListener('loadedmetadata', resolve, { once: true }),
      )
    }
    await this.video.requestPictureInPicture()
  }

  private async openWindow(): Promise<void> {
    const size = { width: 640, height: 360 }
    const maker = (globalThis as { documentPictureInPicture?: PictureWindows })
      .documentPictureInPicture
    const made = maker
      ? await maker.requestWindow(size)
      : window.open('', 'sabaq-stage', `popup,width=${size.width},height=${size.height}`)
    if (!made) throw new Error('no window')
    made.document.title = document.title
    Object.assign(made.document.body.style, { margin: '0', background: '#070c0e' })
    Object.assign(this.video.style, { width: '100vw', height: '100vh', objectFit: 'contain' })
    made.document.body.replaceChildren(this.video)
    made.addEventListener('pagehide', () => this.closed())
    this.window = made
  }

  private play(): void {
    this.release()
    this.release = this.shown?.publication ? this.keep(this.shown.publication) : () => {}
    this.video.srcObject = this.shown?.stream ?? null
    if (this.shown) this.video.play().catch(() => undefined)
  }

  private closed(): void {
    this.release()
    this.release = () => {}
    this.window = null
    this.video.srcObject = null
    this.cell.set('none')
  }
}
