import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

export type Reading<T> =
  { phase: 'loading' } | { phase: 'ready'; value: T } | { phase: 'failed'; error: unknown }

/** Something read from the server, and read again when it may have changed; what was read last stays
 *  while the next answer is on its way, and of several answers the one asked for last counts. */
export class Loaded<T> {
  private readonly cell = new Cell<Reading<T>>({ phase: 'loading' })
  private asked = 0

  constructor(
    private readonly scope: Scope,
    private readonly ask: () => Promise<T>,
    private readonly refused: (error: unknown) => void = () => undefined,
  ) {
    void this.read()
  }

  get state(): Value<Reading<T>> {
    return this.cell
  }

  async read(): Promise<void> {
    const turn = ++this.asked
    let next: Reading<T>
    try {
      next = { phase: 'ready', value: await this.ask() }
    } catch (error) {
      this.refused(error)
      next = { phase: 'failed', error }
    }
    if (turn === this.asked && !this.scope.ended) this.cell.set(next)
  }

  /** Shows that it is being read, from the start. */
  again(): void {
    this.cell.set({ phase: 'loading' })
    void this.read()
  }
}
