import { useEffect } from 'react'

const REST = 3_000

/** Fetches what a page may need later once it has come to rest, so that a click neither waits for the network nor
 *  fails with it. `fetchers` stay the same from one drawing to the next. */
export function useLater(...fetchers: (() => Promise<unknown>)[]): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const fetch of fetchers) fetch().catch(() => undefined)
    }, REST)
    return () => clearTimeout(timer)
  }, [])
}
