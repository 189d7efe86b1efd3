import katex from 'katex'
import 'katex/dist/katex.min.css'

/** Draws KaTeX source into an element; what is no KaTeX stands as it was typed. Nothing strangers write runs: links
 *  and pictures in formulas are not trusted, and macros cannot grow without end. */
export function draw(source: string, into: HTMLElement, block: boolean): void {
  katex.render(source, into, {
    displayMode: block,
    throwOnError: false,
    errorColor: 'inherit',
    strict: 'ignore',
    trust: false,
    maxExpand: 200,
    maxSize: 20,
  })
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
