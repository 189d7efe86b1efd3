import { Checkbox, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../../ui/Icon'
import { useEditing } from '../context'
import classes from '../bank.module.css'
import { FaultsHere } from './Faults'

interface LineProps {
  label: string
  where: string
  value: string
  onChange: (text: string) => void
  help?: ReactNode
  /** The label is only heard: what it is stands beside it already. */
  quiet?: boolean
  placeholder?: string
  /** Digits first on a phone. */
  number?: boolean
  className?: string | undefined
  list?: string
  onEnter?: () => void
}

/** One line of text, or a number or expression that is kept as text. */
export function Line({ label, where, value, onChange, help, quiet, number, onEnter, className, ...rest }: LineProps) {
  const { disabled } = useEditing()
  return (
    <div data-where={where} className={className}>
      <TextInput
        {...(quiet ? { 'aria-label': label } : { label })}
        value={value}
        disabled={disabled}
        description={help}
        autoComplete="off"
        {...(number && { inputMode: 'decimal' as const })}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !onEnter) return
          event.preventDefault()
          onEnter()
        }}
        {...rest}
      />
      <FaultsHere where={where} />
    </div>
  )
}

/** A decimal number kept as text; a comma is a point. Empty is what it is by default. */
export function Decimal({ value, onChange, ...rest }: Omit<LineProps, 'value' | 'onChange'> & { value: string | undefined; onChange: (text: string | undefined) => void }) {
  return <Line {...rest} number value={value ?? ''} onChange={(text) => onChange(text.replace(',', '.').trim() || undefined)} />
}

/** A whole number; empty is what it is by default. */
export function Whole({ value, onChange, ...rest }: Omit<LineProps, 'value' | 'onChange'> & { value: number | undefined; onChange: (number: number | undefined) => void }) {
  const [typed, setTyped] = useState(String(value ?? ''))
  useEffect(() => setTyped((now) => (Number(now) === (value ?? 0) ? now : String(value ?? ''))), [value])
  return (
    <Line
      {...rest}
      number
      value={typed}
      onChange={(text) => {
        const digits = text.replace(/\D/g, '').slice(0, 9)
        setTyped(digits)
        onChange(digits ? Number(digits) : undefined)
      }}
    />
  )
}

interface TickProps {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
  help?: string
  where?: string
}

export function Tick({ label, checked, onChange, help, where }: TickProps) {
  const { disabled } = useEditing()
  return (
    <div data-where={where}>
      <Checkbox
        label={label}
        checked={checked}
        disabled={disabled}
        {...(help && { description: help })}
        onChange={(event) => onChange(event.currentTarget.checked)}
        className={classes.tick ?? ''}
      />
      {where && <FaultsHere where={where} />}
    </div>
  )
}

interface GroupProps {
  title: string
  where?: string
  text?: string
  children: ReactNode
}

/** Fields that belong together. */
export function Group({ title, where, text, children }: GroupProps) {
  return (
    <fieldset className={classes.group} data-where={where}>
      <legend>{title}</legend>
      {text && <p className="muted sm">{text}</p>}
      {children}
      {where && <FaultsHere where={where} />}
    </fieldset>
  )
}

/** What few need, behind a word. Open at first where something in it is set. */
export function Folded({ title, open = false, children }: { title: string; open?: boolean; children: ReactNode }) {
  const [first] = useState(open)
  return (
    <details className={classes.folded} open={first}>
      <summary>
        <Icon name="chevron-right" size={18} />
        {title}
      </summary>
      <div className={classes.inside}>{children}</div>
    </details>
  )
}

interface RowActs {
  /** What the row is called, for who hears the buttons. */
  name: string
  at: number
  of: number
  move?: (by: number) => void
  remove: () => void
}

/** Up, down and away: a row's own buttons. */
export function RowButtons({ name, at, of, move, remove }: RowActs) {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  if (disabled) return null
  return (
    <span className={classes.acts}>
      {move && (
        <>
          <Act icon="chevron-down" turned label={t('bank.moveUp', { name })} off={at === 0} act={() => move(-1)} />
          <Act icon="chevron-down" label={t('bank.moveDown', { name })} off={at === of - 1} act={() => move(1)} />
        </>
      )}
      <Act icon="trash" label={t('bank.remove', { name })} act={remove} />
    </span>
  )
}

interface ActProps {
  icon: 'chevron-down' | 'trash' | 'ellipsis'
  label: string
  turned?: boolean
  off?: boolean
  expanded?: boolean
  act: () => void
}

export function Act({ icon, label, turned = false, off = false, expanded, act }: ActProps) {
  return (
    <button
      type="button"
      className={classes.act}
      aria-label={label}
      title={label}
      disabled={off}
      aria-expanded={expanded}
      data-turned={turned}
      onClick={act}
    >
      <Icon name={icon} size={18} />
    </button>
  )
}

/** Adds one more of a list. */
export function Add({ children, act }: { children: string; act: () => void }) {
  const { disabled } = useEditing()
  if (disabled) return null
  return (
    <button type="button" className={`tap ${classes.add}`} onClick={act}>
      <Icon name="plus" size={18} />
      {children}
    </button>
  )
}
