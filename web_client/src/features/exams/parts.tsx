import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './exams.module.css'

interface SegProps<T extends string> {
  label: string
  value: T
  choices: readonly { value: T; label: string }[]
  change: (value: T) => void
  disabled?: boolean
}

/** One of a few, all in sight. */
export function Seg<T extends string>({ label, value, choices, change, disabled }: SegProps<T>) {
  const id = useId()
  return (
    <div>
      <span className={`sb-label ${classes.label}`} id={id}>
        {label}
      </span>
      <div className={`seg ${classes.seg}`} role="group" aria-labelledby={id}>
        {choices.map((one) => (
          <button
            key={one.value}
            type="button"
            disabled={disabled}
            aria-pressed={one.value === value}
            onClick={() => change(one.value)}
          >
            {one.label}
          </button>
        ))}
      </div>
    </div>
  )
}

interface CheckProps {
  checked: boolean
  change: (checked: boolean) => void
  label: string
  help?: string
  disabled?: boolean
}

export function Check({ checked, change, label, help, disabled }: CheckProps) {
  const id = useId()
  return (
    <div>
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={checked}
          disabled={disabled}
          aria-describedby={help ? id : undefined}
          onChange={(event) => change(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      {help && (
        <p className={`muted sm ${classes.checkHelp}`} id={id}>
          {help}
        </p>
      )}
    </div>
  )
}

/** What a page holds beside its main thing, closed at first. */
export function More({ summary, open, children }: { summary: string; open?: boolean; children: ReactNode }) {
  return (
    <details className={classes.more} open={open}>
      <summary>{summary}</summary>
      <div className={classes.form}>{children}</div>
    </details>
  )
}

const LOOK: Readonly<Record<string, string>> = {
  checking: 'attn',
  interrupted: 'unseen',
  paused: 'attn',
  terminated: 'bad',
  running: 'ok',
  voided: 'bad',
  missed: 'bad',
  open: 'ok',
  marking: 'attn',
}

/** The state of a sitting, by shape, colour and word. */
export function StateWord({ state }: { state: string }) {
  const { t } = useTranslation()
  return (
    <span className={`st ${LOOK[state] ?? ''}`} data-state={state}>
      {t(`exams.state.${state}`)}
    </span>
  )
}
