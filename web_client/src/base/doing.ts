import { Cell, type Value } from './value'

export interface DoingState {
  busy: boolean
  error: unknown
}

/** One act at a time: whether it goes on, and with what the last one was refused. */
export class Doing {
  private readonly cell = new Cell<DoingState>({ busy: false, error: null })

  get state(): Value<DoingState> {
    return this.cell
  }

  /** Answers what the act answered; undefined when it was refused, or another one still goes on. */
  async run<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.cell.get().busy) return undefined
    this.cell.set({ busy: true, error: null })
    try {
      const done = await act()
      this.cell.set({ busy: false, error: null })
      return done
    } catch (error) {
      this.cell.set({ busy: false, error })
      return undefined
    }
  }

  forget(): void {
    this.cell.update((state) => ({ ...state, error: null }))
  }
}
