import katex from 'katex'
import 'katex/dist/katex.min.css'

/** Draws KaTeX source into an element; what is no KaTeX stands as it was typed. Nothing strangers write runs: links
 *  and pictures in formulas are not trusted, and macros cannot grow without end. */
export function draw(source: string, into: HTMLElement, block: boolean): void {
  const tree: Drawn = whole.__renderToDomTree(source, {
    displayMode: block,
    throwOnError: false,
    errorColor: 'inherit',
    strict: 'ignore',
    trust: false,
    maxExpand: 200,
    maxSize: 20,
  })
  putStylesAside(tree)
  const node = tree.toNode()
  if (node instanceof Element) {
    for (const one of node.querySelectorAll<HTMLElement | SVGElement>(`[${ASIDE}]`)) {
      one.style.cssText = one.getAttribute(ASIDE) ?? ''
      one.removeAttribute(ASIDE)
    }
  }
  into.replaceChildren(node)
}

const whole = katex as typeof katex & { __renderToDomTree(source: string, options: object): Drawn }

/** A piece of what KaTeX draws, before it is a node of the page. */
interface Drawn {
  attributes?: Record<string, string>
  children?: unknown
  toNode(): Node
}
const ASIDE = 'data-drawn'

/** The page's policy takes no style as an attribute, which is how KaTeX gives widths to arrows and roots. */
function putStylesAside(piece: Drawn): void {
  const { style, ...attributes } = piece.attributes ?? {}
  if (style !== undefined) piece.attributes = { ...attributes, [ASIDE]: style }
  if (Array.isArray(piece.children)) for (const one of piece.children) putStylesAside(one as Drawn)
}

const KEPT = 'formulas'

/** Keeps what formulas are drawn with for a page that is opened without a network; a page that a service worker
 *  serves has it already. */
export async function keepLetters(): Promise<void> {
  if (!('caches' in globalThis)) return
  const asked = performance.getEntriesByType('resource').map(({ name }) => name)
  const cache = await caches.open(KEPT)
  for (const place of asked.filter((one) => /\/assets\/(heavy\/)?katex/i.test(one))) {
    if (!(await cache.match(place))) await cache.add(place)
  }
}
