import type { Link } from '../api/link'
import type { Clock } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import type { PublicationView } from '../api/types'

/** How large a picture is wanted. */
export type Size = 'none' | 'small' | 'large'
/** `all`: whatever is in sight. `saving`: small pictures only, screens as they are. `sound`: none. */
export type Saving = 'all' | 'saving' | 'sound'

/** Where a picture is shown, and how wide in pixels of the screen; 0 while it is out of sight. */
interface Place {
  publication: string
  width: number
}

const SETTLE = 150
const LARGE = 480

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
      width: inSight ? element.clientWidth * devicePixelRatio : 0,
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

/** What to ask for of each picture that others publish. */
export function wishes(
  pictures: readonly Pick<PublicationView, 'id' | 'source'>[],
  places: readonly Place[],
  kept: ReadonlySet<string>,
  saving: Saving,
  hidden: boolean,
): Record<string, Size> {
  const answer: Record<string, Size> = {}
  for (const { id, source } of pictures) {
    const widths = places.filter(({ publication }) => publication === id)
    const widest = Math.max(0, ...widths.map(({ width }) => width))
    const seen = kept.has(id) || (widest > 0 && !hidden)
    if (!seen || saving === 'sound') answer[id] = 'none'
    else if (source === 'screen') answer[id] = 'large'
    else answer[id] = saving === 'all' && (widest >= LARGE || kept.has(id)) ? 'large' : 'small'
  }
  return answer
}

function observer(seen: (entries: readonly IntersectionObserverEntry[]) => void) {
  if (!('IntersectionObserver' in globalThis)) return null
  return new IntersectionObserver(seen, { threshold: [0, 0.5, 1] })
}
