import { TextInput } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Formula } from './Formula'
import { LONGEST_LINE } from './Lines'
import type { Part } from './part'
import classes from './Question.module.css'
import { texOf } from './tex'

/** What is set in where the cursor is, and how far from its end the cursor then stands. */
const SIGNS: readonly [shown: string, text: string, back: number, said: string][] = [
  ['√', 'sqrt()', 1, 'root'],
  ['x²', '^2', 0, 'square'],
  ['xⁿ', '^()', 1, 'power'],
  ['a/b', '/', 0, 'fraction'],
  ['·', '*', 0, 'times'],
  ['( )', '()', 1, 'brackets'],
  ['π', 'pi', 0, 'pi'],
]

export function FormulaLine({ shown, answer, give, disabled }: Part<'formula'>) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const text = (answer.kind === 'typed' && answer.text) || ''
  const tex = texOf(text)
  const put = (sign: string, back: number) => {
    const { selectionStart: from, selectionEnd: to } = field.current ?? {}
    const start = from ?? text.length
    const next = text.slice(0, start) + sign + text.slice(to ?? start)
    if (next.length > LONGEST_LINE) return
    give({ kind: 'typed', text: next })
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(start + sign.length - back, start + sign.length - back)
    })
  }
  return (
    <div className={classes.stack}>
      <TextInput
        ref={field}
        className={classes.typed}
        label={t('questions.formula')}
        description={
          t('questions.formulaHelp') +
          (shown.variables.length > 0 ? ` ${t('questions.variables', { names: shown.variables.join(', ') })}` : '')
        }
        value={text}
        maxLength={LONGEST_LINE}
        disabled={disabled}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => give({ kind: 'typed', text: event.currentTarget.value })}
      />
      {!disabled && (
        <div className={classes.signs} role="group" aria-label={t('questions.signs')}>
          {SIGNS.map(([sign, put_, back, said]) => (
            <button
              key={said}
              type="button"
              className={classes.sign}
              onClick={() => put(put_, back)}
            >
              <span aria-hidden="true">{sign}</span>
              <span className="vh">{t(`questions.sign.${said}`)}</span>
            </button>
          ))}
        </div>
      )}
      <div className={classes.preview} data-preview={tex !== null} aria-live="polite">
        {tex !== null ? (
          <Formula source={tex} block />
        ) : (
          <span className="muted sm">{t(text.trim() ? 'questions.formulaUnread' : 'questions.formulaNone')}</span>
        )}
      </div>
    </div>
  )
}
