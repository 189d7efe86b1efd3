import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Icon } from '../../../ui/Icon'
import type { IconName } from '../../../ui/icons'
import classes from './More.module.css'

export interface Deed {
  icon: IconName
  name: string
  act: () => void
}

/** A button that opens a short list of deeds above itself. */
export function More(props: { deeds: readonly Deed[]; className?: string; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const home = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!open) return
    home.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus()
    const outside = (event: PointerEvent) => {
      if (!home.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  const close = () => {
    setOpen(false)
    opener.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return close()
    if (event.key === 'Tab') return setOpen(false)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
    const place = items.indexOf(document.activeElement as HTMLElement)
    items.at((place + step) % items.length)?.focus()
  }
  return (
    <div className={classes.home} ref={home}>
      <button
        ref={opener}
        type="button"
        className={props.className}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {props.children}
      </button>
      {open && (
        <div className={classes.menu} role="menu" onKeyDown={press}>
          {props.deeds.map(({ icon, name, act }) => (
            <button
              key={name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close()
                act()
              }}
            >
              <Icon name={icon} />
              {name}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
