import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import { directTo } from './meter'

/** Plays the sound of all others through hidden elements of the page. */
export class Sounds {
  private readonly elements = new Map<string, HTMLAudioElement>()
  private readonly held = new Cell(false)
  private readonly home = document.createElement('div')

  constructor(
    scope: Scope,
    private readonly speaker: Value<{ speaker: string }>,
  ) {
    this.home.hidden = true
    this.home.dataset.sounds = ''
    document.body.append(this.home)
    scope.onEnd(() => this.home.remove())
    scope.onEnd(() => this.play(new Map()))
    scope.onEnd(
      speaker.watch(() => {
        for (const element of this.elements.values()) this.direct(element)
      }),
    )
  }

  /** True while the browser waits for a tap before it lets sound out. */
  get blocked(): Value<boolean> {
    return this.held
  }

  /** Plays exactly these, by publication. */
  play(streams: ReadonlyMap<string, MediaStream>): void {
    for (const [publication, element] of this.elements) {
      if (streams.has(publication)) continue
      element.srcObject = null
      element.remove()
      this.elements.delete(publication)
    }
    for (const [publication, stream] of streams) this.playOne(publication, stream)
  }

  /** Call from a tap: the browser then lets sound out. */
  unblock(): void {
    this.held.set(false)
    for (const element of this.elements.values()) this.start(element)
  }

  private playOne(publication: string, stream: MediaStream): void {
    let element = this.elements.get(publication)
    if (!element) {
      element = document.createElement('audio')
      element.autoplay = true
      element.dataset.publication = publication
      this.elements.set(publication, element)
      this.home.append(element)
      this.direct(element)
    }
    if (element.srcObject === stream) return
    element.srcObject = stream
    this.start(element)
  }

  private direct(element: HTMLAudioElement): void {
    void directTo(element, this.speaker.get().speaker)
  }

  private start(element: HTMLAudioElement): void {
    element.play().catch((error: DOMException) => {
      if (error.name === 'NotAllowedError') this.held.set(true)
    })
  }
}
