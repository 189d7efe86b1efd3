import type { Api } from '../../api/client'
import { type Clock, every } from '../../base/clock'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

export interface LineCheck {
  state: 'good' | 'slow' | 'none'
  /** Milliseconds to the server and back. */
  delay: number
}

const EVERY = 5_000
const SLOW = 400

/** How the line to the server is, asked every 5 s; null until the first answer. */
export function checkLine(
  scope: Scope,
  clock: Clock,
  api: Pick<Api, 'setup'>,
): Value<LineCheck | null> {
  const cell = new Cell<LineCheck | null>(null)
  const ask = async () => {
    const asked = clock.now()
    try {
      await api.setup()
      const delay = clock.now() - asked
      cell.set({ state: delay > SLOW ? 'slow' : 'good', delay })
    } catch {
      cell.set({ state: 'none', delay: 0 })
    }
  }
  void ask()
  every(scope, clock, EVERY, () => void ask())
  return cell
}
