import { useSlow } from '../base/react'

/** Still bars and a sentence, once waiting has lasted 300 ms. */
export function Waiting({ children }: { children: string }) {
  const slow = useSlow(true)
  return (
    <div role="status" style={{ visibility: slow ? 'visible' : 'hidden', padding: '1rem 0' }}>
      <div className="bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      {slow && <p className="sm muted">{children}</p>}
    </div>
  )
}
