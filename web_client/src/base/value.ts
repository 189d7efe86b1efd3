import type { Scope } from './scope'

/** Something that can be read at any moment and watched for change. It is never empty. */
export interface Value<T> {
  get(): T
  /** Calls `seen` after each change, not at once. Answers how to stop. */
  watch(seen: () => void): () => void
}

/** A value whose owner may change it. Hand it out as `Value`. */
export class Cell<T> implements Value<T> {
  private watchers = new Set<() => void>()

  constructor(private current: T) {}

  get(): T {
    return this.current
  }

  set(next: T): void {
    if (Object.is(next, this.current)) return
    this.current = next
    for (const seen of [...this.watchers]) seen()
  }

  update(change: (current: T) => T): void {
    this.set(change(this.current))
  }

  watch(seen: () => void): () => void {
    this.watchers.add(seen)
    return () => this.watchers.delete(seen)
  }
}

/** A value computed from others while `scope` lasts. `same` keeps the old one when nothing changed. */
export function derive<T>(
  scope: Scope,
  sources: readonly Value<unknown>[],
  compute: () => T,
  same: (a: T, b: T) => boolean = Object.is,
): Value<T> {
  const cell = new Cell(compute())
  const refresh = () => {
    const next = compute()
    if (!same(next, cell.get())) cell.set(next)
  }
  for (const source of sources) scope.onEnd(source.watch(refresh))
  return cell
}

/** Resolves when `wanted` holds; rejects when the scope ends first. */
export function until<T>(scope: Scope, value: Value<T>, wanted: (v: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    if (wanted(value.get())) return resolve(value.get())
    const inner = scope.child()
    inner.onEnd(
      value.watch(() => {
        if (!wanted(value.get())) return
        resolve(value.get())
        inner.end()
      }),
    )
    inner.onEnd(() => reject(new Error('scope ended')))
  })
}
