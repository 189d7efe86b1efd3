import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain, isRefusal, Refusal } from '../../base/errors'
import { Dialog } from '../../ui/Dialog'
import { FieldError } from '../../ui/FieldError'
import type { Task } from './context'
import classes from './school.module.css'
import { fallSilent } from './tell'

type Texts = Record<string, string>
type Typed = { currentTarget: { value: string } }

export interface Fields<T extends Texts> {
  values: T
  set(name: keyof T, text: string): void
  /** What an input of that name needs. */
  field(name: keyof T & string): {
    value: string
    onChange: (event: Typed) => void
    onBlur: () => void
    error: ReactNode
  }
  /** Whether everything required is there; names what is not. */
  complete(): boolean
}

/** The fields of a form. `places` says beside which field the sentence of a refusal belongs. */
export function useFields<T extends Texts>(
  initial: T,
  required: readonly (keyof T)[],
  error: unknown = null,
  places: Readonly<Record<string, string>> = {},
): Fields<T> {
  const { t } = useTranslation()
  const [values, setValues] = useState(initial)
  const [missing, setMissing] = useState<readonly (keyof T)[]>([])
  const isMissing = (name: keyof T) => required.includes(name) && !values[name]?.trim()
  return {
    values,
    set: (name, text) => setValues((before) => ({ ...before, [name]: text })),
    field: (name) => ({
      value: values[name] ?? '',
      onChange: ({ currentTarget: { value } }) =>
        setValues((before) => ({ ...before, [name]: value })),
      onBlur: () =>
        setMissing((before) => [...before.filter((one) => one !== name), ...(isMissing(name) ? [name] : [])]),
      error: missing.includes(name) && isMissing(name) ? t('common.fillIn') : beside(name),
    }),
    complete() {
      const found = required.filter(isMissing)
      setMissing(found)
      return found.length === 0
    },
  }

  function beside(name: keyof T): string | undefined {
    return error instanceof Refusal && places[error.code] === name ? explain(error) : undefined
  }
}

interface AskProps {
  title: string
  close: () => void
  task: Task
  /** The word on the button that does it. */
  submit: string
  /** It cannot be undone. */
  stops?: boolean
  /** The refusals that stand beside a field already. */
  beside?: Readonly<Record<string, string>>
  /** Reads anew what somebody else changed. */
  reload?: () => void
  send: () => void
  children: ReactNode
}

/** A question in a window, for as long as it is drawn: a form, what went wrong, and the two ways out. The
 *  focus goes back to where it was. */
export function Ask({ title, close, children, ...rest }: AskProps) {
  const [before] = useState(() => document.activeElement)
  useEffect(() => {
    fallSilent()
    return () => {
      const back = before?.isConnected ? before : document.getElementById('main')
      if (back instanceof HTMLElement) back.focus({ preventScroll: true })
    }
  }, [before])
  return (
    <Dialog opened close={close} title={title} wide>
      <Form {...rest} cancel={close}>
        {children}
      </Form>
    </Dialog>
  )
}

type FormProps = Omit<AskProps, 'title' | 'close'> & { cancel?: () => void }

export function Form({ task, submit, stops, beside, reload, send, cancel, children }: FormProps) {
  const { t } = useTranslation()
  const { error, busy } = task
  const shown = error !== null && !(error instanceof Refusal && beside?.[error.code])
  const submitted = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    send()
  }
  return (
    <form className={classes.form} onSubmit={submitted} noValidate>
      {children}
      {shown && <FieldError>{explain(error)}</FieldError>}
      <div className={classes.row}>
        {reload && isRefusal(error, 'stale') ? (
          <Button type="button" onClick={reload}>
            {t('school.reload')}
          </Button>
        ) : (
          <Button type="submit" disabled={busy} className={stops ? 'stop' : ''}>
            {submit}
          </Button>
        )}
        {cancel && (
          <Button type="button" variant="default" onClick={cancel}>
            {t('common.cancel')}
          </Button>
        )}
      </div>
    </form>
  )
}

export interface Choice {
  id: string
  name: string
  second?: string
}

interface TicksProps {
  legend: string
  choices: readonly Choice[]
  chosen: ReadonlySet<string>
  change: (chosen: ReadonlySet<string>) => void
  error?: ReactNode
}

/** Several of a list, by ticking. */
export function Ticks({ legend, choices, chosen, change, error }: TicksProps) {
  return (
    <fieldset className={classes.ticks}>
      <legend className="sb-label">{legend}</legend>
      <ul>
        {choices.map(({ id, name, second }) => (
          <li key={id}>
            <label className={classes.tick}>
              <input
                type="checkbox"
                checked={chosen.has(id)}
                onChange={() => change(toggled(chosen, id))}
              />
              <span className="grow">{name}</span>
              {second && <span className="muted sm">{second}</span>}
            </label>
          </li>
        ))}
      </ul>
      {error && <p className="sb-error">{error}</p>}
    </fieldset>
  )
}

export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}
