import type { ReactNode } from 'react'
import { createPortal } from 'react-dom'

/** What a printer gets in place of the page, while this is shown. Nobody sees it on the screen. */
export function Printed({ title, children }: { title: string; children: ReactNode }) {
  return createPortal(
    <div className="printed" aria-hidden="true">
      <h1>{title}</h1>
      {children}
    </div>,
    document.body,
  )
}
