import type { ExcalidrawElement } from '@excalidraw/excalidraw/element/types'
import type { BinaryFileData, BinaryFiles } from '@excalidraw/excalidraw/types'
import * as Y from 'yjs'

export type Element = ExcalidrawElement
type Stored = Y.Map<string | Y.Array<number>>

/** What may stand on a board. Frames of other sites may not: nobody is asked outside. */
const KINDS = new Set([
  ...['rectangle', 'diamond', 'ellipse', 'arrow', 'line', 'freedraw', 'text', 'image', 'frame'],
])
/** Hundredths: finer than any screen, and short to write. */
const FINE = 100
export const LARGEST_PICTURE = 90_000
export const FIRST_PAGE = 'first'

/**
 * The pages of a whiteboard in its document.
 *
 * `pages` lists them, `page:<id>` holds one element under each id: `it` is its JSON, and of what is drawn by hand
 * `ink` its points, so that a stroke grows by what was added to it and is not sent anew with each.
 */
export class Scene {
  private readonly files: Y.Map<string>
  private readonly list: Y.Array<string>

  constructor(private readonly doc: Y.Doc) {
    this.files = doc.getMap('files')
    this.list = doc.getArray('pages')
  }

  /** At least one; the first is there before anybody drew. */
  pages(): string[] {
    return [FIRST_PAGE, ...new Set(this.list.toArray().filter((id) => id !== FIRST_PAGE))]
  }

  addPage(id: string): void {
    this.list.push([id])
  }

  elements(page: string): Element[] {
    const found: Element[] = []
    for (const stored of this.page(page).values()) {
      const element = read(stored)
      if (element) found.push(element)
    }
    return found
  }

  isEmpty(): boolean {
    return this.pages().every((page) => this.elements(page).every((element) => element.isDeleted))
  }

  /** Writes those that are newer than what is there. */
  write(page: string, elements: readonly Element[]): void {
    const map = this.page(page)
    this.doc.transact(() => {
      for (const element of elements) if (KINDS.has(element.type)) put(map, element)
    }, this)
  }

  /** Calls `changed` after others changed the page, and after pages were added. */
  watch(page: string, changed: () => void): () => void {
    const map = this.page(page)
    const heard = (_: unknown, { origin }: Y.Transaction) => {
      if (origin !== this) changed()
    }
    map.observeDeep(heard)
    this.files.observe(heard)
    return () => {
      map.unobserveDeep(heard)
      this.files.unobserve(heard)
    }
  }

  watchPages(changed: () => void): () => void {
    this.list.observe(changed)
    return () => this.list.unobserve(changed)
  }

  // ---- pictures

  picture(id: string): BinaryFileData | null {
    const dataURL = this.files.get(id)
    const type = /^data:(image\/(?:png|jpeg|webp|gif));base64,/.exec(dataURL ?? '')?.[1]
    if (!dataURL || !type) return null
    return { id, dataURL, mimeType: type, created: 0 } as unknown as BinaryFileData
  }

  pictures(elements: readonly Element[]): BinaryFileData[] {
    const ids = elements.flatMap((one) => (one.type === 'image' && one.fileId ? [one.fileId] : []))
    return ids.flatMap((id) => this.picture(id) ?? [])
  }

  /** Keeps a picture, if it is not there yet; false for one that is too large. */
  addPicture(id: string, dataURL: string): boolean {
    if (this.files.has(id)) return true
    if (dataURL.length > LARGEST_PICTURE) return false
    this.doc.transact(() => this.files.set(id, dataURL), this)
    return true
  }

  has(id: string): boolean {
    return this.files.has(id)
  }

  private page(id: string): Y.Map<Stored> {
    return this.doc.getMap(`page:${id}`)
  }
}

/** The pictures that elements use and the document does not have. */
export function missing(scene: Scene, elements: readonly Element[], files: BinaryFiles): BinaryFileData[] {
  return elements.flatMap((one) => {
    const file = one.type === 'image' && one.fileId && !one.isDeleted ? files[one.fileId] : undefined
    return file && !scene.has(file.id) ? [file] : []
  })
}

function put(map: Y.Map<Stored>, element: Element): void {
  const old = map.get(element.id)
  const before = old && read(old)
  if (before && !newer(element, before)) return
  const stored: Stored = old ?? new Y.Map<string | Y.Array<number>>()
  if (!old) map.set(element.id, stored)
  if (element.type === 'freedraw' && !element.isDeleted) {
    const { points, ...rest } = element
    grow(stored, flat(points))
    stored.set('it', JSON.stringify({ ...rest, points: [] }))
  } else {
    if (stored.has('ink')) stored.delete('ink')
    stored.set('it', JSON.stringify(element))
  }
}

/** Adds what the stroke has beyond what is there; a changed one is written anew. */
function grow(stored: Stored, points: number[]): void {
  const ink = stored.get('ink')
  const have = ink instanceof Y.Array ? ink.toArray() : null
  if (have && ink instanceof Y.Array && have.every((number, at) => number === points[at])) {
    if (points.length > have.length) ink.push(points.slice(have.length))
    return
  }
  const fresh = new Y.Array<number>()
  stored.set('ink', fresh)
  if (points.length) fresh.push(points)
}

function read(stored: Stored): Element | null {
  const text = stored.get('it')
  if (typeof text !== 'string') return null
  try {
    const element = JSON.parse(text) as Element & { link?: unknown }
    if (!KINDS.has(element.type) || typeof element.id !== 'string') return null
    const ink = stored.get('ink')
    const points = ink instanceof Y.Array ? { points: unflat(ink.toArray()) } : {}
    // A link on a drawing leads outside, and nobody sees where to.
    return { ...element, ...points, link: null } as Element
  } catch {
    return null
  }
}

/** Excalidraw's own rule: the higher version, and of two equal ones the lower nonce. */
function newer(one: Element, other: Element): boolean {
  if (one.version !== other.version) return one.version > other.version
  return one.versionNonce < other.versionNonce
}

function flat(points: readonly (readonly [number, number])[]): number[] {
  return points.flatMap(([x, y]) => [Math.round(x * FINE), Math.round(y * FINE)])
}

function unflat(numbers: readonly number[]): [number, number][] {
  const points: [number, number][] = []
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    points.push([numbers[at]! / FINE, numbers[at + 1]! / FINE])
  }
  return points
}
