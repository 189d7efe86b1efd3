/** A question's way: who may lead it on, and whither. `lms_core/items/core.py` decides. */
import type { State } from './list'
import type { ItemView } from './shapes'

export interface Act {
  name: 'submit' | 'withdraw' | 'approve' | 'return' | 'retire' | 'revive'
  to: State
  /** Goes with a comment. */
  asks: boolean
  /** Only for a question with which nothing is wrong. */
  needsSound: boolean
}
type Of = Act & { by: 'write' | 'review' }

const act = (name: Act['name'], to: State, by: Of['by'], needsSound = false): Of => ({
  name,
  to,
  by,
  asks: by === 'review',
  needsSound,
})
const ACTS: Record<State, readonly Of[]> = {
  draft: [act('submit', 'review', 'write', true), act('retire', 'retired', 'write')],
  review: [act('approve', 'approved', 'review', true), act('return', 'draft', 'review'), act('withdraw', 'draft', 'write')],
  approved: [act('return', 'draft', 'review'), act('retire', 'retired', 'write')],
  retired: [act('revive', 'draft', 'write')],
}

/** What this person may do now. Who may return a question does not withdraw it. */
export function actsOf({ row, may }: Pick<ItemView, 'row' | 'may'>): Act[] {
  const found = actsFrom(row.state, may)
  const returns = found.some(({ name }) => name === 'return')
  return found.filter(({ name }) => name !== 'withdraw' || !returns)
}

/** Whither questions in a state may go, by who may do that much. */
export function actsFrom(state: State, may: readonly string[]): Act[] {
  return ACTS[state].filter(({ by }) => may.includes(by))
}
