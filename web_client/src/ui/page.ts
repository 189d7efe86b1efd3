import { useEffect, useRef } from 'react'

let visited = false

/** Names the page and, after the first one, brings focus to its heading. */
export function usePage<T extends HTMLElement = HTMLHeadingElement>(title: string) {
  const heading = useRef<T>(null)
  useEffect(() => {
    document.title = title ? `${title} · Sabaq` : 'Sabaq'
  }, [title])
  useEffect(() => {
    if (visited) heading.current?.focus({ preventScroll: true })
    visited = true
  }, [])
  return heading
}
