import type { Link } from '../api/link'
import type { Clock } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import type { PublicationView } from '../api/types'

/** `all`: whatever is in sight. `saving`: small pictures only, screens as they are. `sound`: none. */
export type Saving = 'all' | 'saving' | 'sound'

/** Where a picture is shown, and how high in pixels of the screen; 0 while it is out of sight. */
interface Place {
  publication: string
  height: number
}

const SETTLE = 150
/** The heights that are asked for: a window being drawn larger does not ask at each pixel. One lies a little above
 *  each layer, where that is as good as the next (`ENOUGH` in media/share.py). */
const HEIGHTS = [90, 180, 220, 360, 440, 720, 1080]
const SMALL = 180
const LARGE = 720
/** More pixels than so many for each of the page are not seen. */
const MOST_DENSE = 2

/** Tells the room which pictures this page shows, and how large, so that no others are sent here. Sound is
 *  always sent. */
export class Watching {
  private readonly shown = new Map<Element, { publication: string; inSight: boolean }>()
  private readonly kept = new Set<string>()
  private readonly mode = new Cell<Saving>('all')
  private readonly observer: IntersectionObserver | null
  private told = ''
  private planned = false

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly link: Pick<Link, 'command'>,
    private readonly others: () => readonly PublicationView[],
  ) {
    this.observer = observer((entries) => this.look(entries))
    scope.onEnd(() => this.observer?.disconnect())
    scope.listen(document, 'visibilitychange', () => this.plan())
    scope.listen(window, 'resize', () => this.plan())
  }

  get saving(): Value<Saving> {
    return this.mode
  }

  save(mode: Saving): void {
    this.mode.set(mode)
    this.plan()
  }

  /** `element` shows a picture from now on. Answers how to end that. */
  show(element: Element, publication: string): () => void {
    this.shown.set(element, { publication, inSight: this.observer === null })
    this.observer?.observe(element)
    this.plan()
    return () => {
      this.observer?.unobserve(element)
      this.shown.delete(element)
      this.plan()
    }
  }

  /** A picture shown outside of the page, which is seen though the page is hidden. */
  keep(publication: string): () => void {
    this.kept.add(publication)
    this.plan()
    return () => {
      this.kept.delete(publication)
      this.plan()
    }
  }

  /** The room knows nothing of what was told before: it is told anew. */
  forget(): void {
    this.told = ''
    this.plan()
  }

  /** What there is to watch has changed. */
  changed(): void {
    this.plan()
  }

  private look(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const place = this.shown.get(target)
      if (place) place.inSight = isIntersecting
    }
    this.plan()
  }

  private plan(): void {
    if (this.planned || this.scope.ended) return
    this.planned = true
    const cancel = this.clock.after(SETTLE, () => {
      forget()
      this.planned = false
      this.tell()
    })
    const forget = this.scope.onEnd(cancel)
  }

  private tell(): void {
    const pictures = this.others().filter(({ kind }) => kind === 'video')
    const places = [...this.shown].map(([element, { publication, inSight }]) => ({
      publication,
      height: inSight ? heightOf(element) : 0,
    }))
    const publications = wishes(pictures, places, this.kept, this.mode.get(), document.hidden)
    const text = JSON.stringify(publications)
    if (text === this.told || (text === '{}' && this.told === '')) return
    this.told = text
    this.link.command('watch', { publications }).catch(() => {
      if (this.told === text) this.told = ''
    })
  }
}

/** How high the picture is that covers an element, most of them being 16 wide and 9 high. */
function heightOf({ clientWidth, clientHeight }: Element): number {
  return Math.max(clientHeight, (clientWidth * 9) / 16) * Math.min(devicePixelRatio, MOST_DENSE)
}

/** How high to ask for each picture that others publish; 0: not at all. */
export function wishes(
  pictures: readonly Pick<PublicationView, 'id' | 'source'>[],
  places: readonly Place[],
  kept: ReadonlySet<string>,
  saving: Saving,
  hidden: boolean,
): Record<string, number> {
  const answer: Record<string, number> = {}
  for (const { id, source } of pictures) {
    const shown = places.filter(({ publication }) => publication === id)
    const highest = Math.max(0, ...(hidden ? [] : shown.map(({ height }) => height)))
    const height = kept.has(id) || (source === 'screen' && highest) ? LARGE : highest
    const wanted = HEIGHTS.find((step) => step >= height) ?? HEIGHTS.at(-1)!
    if (!height || saving === 'sound') answer[id] = 0
    else answer[id] = saving === 'saving' && source !== 'screen' ? Math.min(wanted, SMALL) : wanted
  }
  return answer
}

function observer(seen: (entries: readonly IntersectionObserverEntry[]) => void) {
  if (!('IntersectionObserver' in globalThis)) return null
  return new IntersectionObserver(seen, { threshold: [0, 0.5, 1] })
}
