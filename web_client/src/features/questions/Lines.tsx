import { NativeSelect, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { joinUnit, splitUnit } from './typed'
import type { Part } from './part'
import classes from './Question.module.css'

export const LONGEST_LINE = 1000

export function Short({ answer, give, disabled }: Part<'short'>) {
  const { t } = useTranslation()
  return (
    <TextInput
      className={classes.typed}
      label={t('questions.answer')}
      value={(answer.kind === 'typed' && answer.text) || ''}
      maxLength={LONGEST_LINE}
      disabled={disabled}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => give({ kind: 'typed', text: event.currentTarget.value })}
    />
  )
}

export function Numeric({ shown, answer, give, disabled }: Part<'numeric'>) {
  const { t } = useTranslation()
  const text = (answer.kind === 'typed' && answer.text) || ''
  return (
    <NumberWithUnit
      label={t('questions.number')}
      units={shown.units}
      text={text}
      disabled={disabled}
      give={(next) => give({ kind: 'typed', text: next })}
    />
  )
}

interface NumberProps {
  label: string
  units: readonly string[]
  text: string
  disabled: boolean
  give: (text: string) => void
}

/** A number, typed as one writes it, and a unit chosen of those there are. */
function NumberWithUnit({ label, units, text, disabled, give }: NumberProps) {
  const { t } = useTranslation()
  const { number, unit } = splitUnit(text, units)
  return (
    <div className={classes.typed}>
      <div className={classes.unit}>
        <TextInput
          label={label}
          value={number}
          maxLength={LONGEST_LINE - 100}
          inputMode="text"
          disabled={disabled}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => give(joinUnit(event.currentTarget.value, unit))}
        />
        {units.length > 0 && (
          <NativeSelect
            label={t('questions.unit')}
            value={unit}
            disabled={disabled}
            onChange={(event) => give(joinUnit(number, event.currentTarget.value))}
            data={[{ value: '', label: t('questions.noUnit') }, ...units.map((one) => ({ value: one, label: one }))]}
          />
        )}
      </div>
      <p className="sb-help">{t('questions.numberHelp')}</p>
    </div>
  )
}
