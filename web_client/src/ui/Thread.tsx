import type { ReactNode } from 'react'

export type ThreadState = 'whole' | 'weak' | 'cut'
const CLASS: Record<ThreadState, string> = { whole: '', weak: 'weak', cut: 'cut-off' }

/** The state of a connection as a line: whole, dashed, or dashed with an open knot; and in words. */
export function Thread({ state, children }: { state: ThreadState; children?: ReactNode }) {
  return (
    <span className={`thread ${CLASS[state]}`} data-thread={state}>
      <i aria-hidden="true" />
      {children}
    </span>
  )
}
