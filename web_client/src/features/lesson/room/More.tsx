import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useValue } from '../../../base/react'
import { useServices } from '../../../services'
import { Icon } from '../../../ui/Icon'
import type { IconName } from '../../../ui/icons'
import classes from './More.module.css'

export interface Deed {
  icon: IconName
  name: string
  /** The key that does the same. */
  letter?: string
  act: () => void
}

export interface ReactionDeed {
  kind: string
  face: string
  name: string
  act: () => void
}

/** A button that opens a short list of deeds above itself; reactions stand in a row. */
export function More(props: {
  deeds: readonly Deed[]
  reactions?: readonly ReactionDeed[]
  className?: string
  children: ReactNode
}) {
  const letters = useValue(useServices().preferences.letterKeys)
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
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key]
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
          {props.reactions && (
            <div className={classes.reactions} role="group">
              {props.reactions.map(({ kind, face, name, act }) => (
                <button
                  key={kind}
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  aria-label={name}
                  title={name}
                  data-react={kind}
                  onClick={() => {
                    close()
                    act()
                  }}
                >
                  <span aria-hidden="true">{face}</span>
                </button>
              ))}
            </div>
          )}
          {props.deeds.map(({ icon, name, letter, act }) => (
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
              {letter && letters && (
                <kbd className="kbd" aria-hidden="true">
                  {letter}
                </kbd>
              )}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
