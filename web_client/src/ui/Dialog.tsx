import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useLater } from './later'

export interface Props {
  opened: boolean
  close: () => void
  title: string
  /** For forms with fields side by side. */
  wide?: boolean
  children: ReactNode
}

const fetched = () => import('./DialogWindow')
const DialogWindow = lazy(fetched)

/** A window over the page that keeps the focus and gives it back. Its script comes when the page is at rest. */
export function Dialog(props: Props) {
  const [wanted, want] = useState(props.opened)
  if (props.opened && !wanted) want(true)
  useLater(fetched)
  return wanted ? (
    <Suspense fallback={null}>
      <DialogWindow {...props} />
    </Suspense>
  ) : null
}
