import { useEffect, useState, useSyncExternalStore } from 'react'
import { Scope } from './scope'
import type { Value } from './value'

/** What a value is now; the component is drawn again when it changes. */
export function useValue<T>(value: Value<T>): T {
  return useSyncExternalStore(
    (seen) => value.watch(seen),
    () => value.get(),
  )
}

/** A part of what a value is now; the component is drawn again only when that part is another one. `take`
 *  answers a plain value, or something that the whole holds. */
export function usePart<T, P>(value: Value<T>, take: (whole: T) => P): P {
  return useSyncExternalStore(
    (seen) => value.watch(seen),
    () => take(value.get()),
  )
}

/** Makes a view-model that lives as long as the component (and its `keys`) do. Empty for one tick. */
export function useModel<T>(make: (scope: Scope) => T, keys: readonly unknown[]): T | undefined {
  const [model, setModel] = useState<T>()
  useEffect(() => {
    const scope = new Scope()
    setModel(() => make(scope))
    return () => {
      scope.end()
      setModel(undefined)
    }
    // `make` is a new function at each drawing; `keys` say when the model is another one.
  }, keys)
  return model
}

/** True once `waiting` has lasted 300 ms, so that quick answers show no bars. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!waiting) return
    const timer = setTimeout(() => setSlow(true), 300)
    return () => {
      clearTimeout(timer)
      setSlow(false)
    }
  }, [waiting])
  return waiting && slow
}
