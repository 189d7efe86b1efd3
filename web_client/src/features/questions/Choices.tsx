import type { TFunction } from 'i18next'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Question.module.css'
import { toggled } from './keys'
import type { Part } from './part'
import { RichText } from './Rich'
import { plainOf } from './shapes'

export function Single({ shown, answer, give, disabled, media, name }: Part<'single'>) {
  const { t } = useTranslation()
  const [chosen] = (answer.kind === 'chosen' && answer.ids) || []
  return (
    <Choices legend={t('questions.chooseOne')}>
      {shown.options.map(({ id, words }, at) => (
        <Choice
          key={id}
          type="radio"
          name={name}
          nth={at + 1}
          on={chosen === id}
          said={plainOf(words)}
          disabled={disabled}
          change={() => give({ kind: 'chosen', ids: [id] })}
        >
          <RichText rich={words} media={media} inline />
        </Choice>
      ))}
    </Choices>
  )
}

export function Multiple({ shown, answer, give, disabled, media, name }: Part<'multiple'>) {
  const { t } = useTranslation()
  const chosen = (answer.kind === 'chosen' && answer.ids) || []
  const full = shown.most > 0 && chosen.length >= shown.most
  return (
    <Choices legend={t('questions.chooseMany')} rule={numberRule(t, shown.least, shown.most)}>
      {shown.options.map(({ id, words }, at) => (
        <Choice
          key={id}
          type="checkbox"
          name={name}
          nth={at + 1}
          on={chosen.includes(id)}
          said={plainOf(words)}
          disabled={disabled || (full && !chosen.includes(id))}
          change={() => {
            const next = toggled(chosen, id, shown.most)
            if (next) give(next)
          }}
        >
          <RichText rich={words} media={media} inline />
        </Choice>
      ))}
    </Choices>
  )
}

function numberRule(t: TFunction, least: number, most: number): string {
  if (least > 0 && least === most) return t('questions.exactly', { number: least })
  if (least > 0 && most > 0) return t('questions.fromTo', { least, most })
  if (least > 0) return t('questions.atLeast', { number: least })
  return most > 0 ? t('questions.atMost', { number: most }) : ''
}

export function TrueFalse({ answer, give, disabled, name }: Part<'true_false'>) {
  const { t } = useTranslation()
  const value = answer.kind === 'truth' ? answer.value : undefined
  return (
    <Choices legend={t('questions.trueOrFalse')}>
      {[true, false].map((one, at) => (
        <Choice
          key={String(one)}
          type="radio"
          name={name}
          nth={at + 1}
          on={value === one}
          disabled={disabled}
          change={() => give({ kind: 'truth', value: one })}
        >
          {t(one ? 'questions.true' : 'questions.false')}
        </Choice>
      ))}
    </Choices>
  )
}

function Choices({ legend, rule = '', children }: { legend: string; rule?: string; children: ReactNode }) {
  return (
    <fieldset className={classes.choices}>
      <legend className={classes.legend}>
        {legend}
        {rule && <span className="muted"> · {rule}</span>}
      </legend>
      {children}
    </fieldset>
  )
}

interface ChoiceProps {
  type: 'radio' | 'checkbox'
  name: string
  nth: number
  /** Its words where they are more than text: formulas have no name of their own. */
  said?: string
  on: boolean
  disabled: boolean
  change: () => void
  children: ReactNode
}

function Choice({ type, name, nth, said, on, disabled, change, children }: ChoiceProps) {
  return (
    <label className={classes.choice} data-on={on} data-off={disabled && !on}>
      <input type={type} name={name} aria-label={said} checked={on} disabled={disabled} onChange={change} />
      <span className={classes.words}>{children}</span>
      {nth < 10 && (
        <kbd className={`kbd ${classes.key}`} aria-hidden="true">
          {nth}
        </kbd>
      )}
    </label>
  )
}
