import { useEffect, useRef } from 'react'

/** Brings focus to what takes the place of something that had it. Give the element `tabIndex={-1}`. */
export function useFocus<T extends HTMLElement = HTMLDivElement>() {
  const element = useRef<T>(null)
  useEffect(() => element.current?.focus({ preventScroll: true }), [])
  return element
}
