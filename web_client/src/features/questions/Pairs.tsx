import { NativeSelect } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { paired, type PairRule, partners, toggledPair } from './pairs'
import classes from './Question.module.css'
import { type Option, type Pair, plainOf } from './shapes'

interface Props {
  left: readonly { id: string; words: Option['words']; shown: ReactNode }[]
  /** `sign` is the letter or number by which it stands elsewhere in the question. */
  right: readonly { id: string; words: Option['words']; sign: string }[]
  pairs: readonly Pair[]
  rule: PairRule
  disabled: boolean
  give: (pairs: Pair[]) => void
}

/** Each left one with what it is matched with: a choice of one, or marks for several. By touch, keys and voice alike. */
export function Pairs({ left, right, pairs, rule, disabled, give }: Props) {
  const { t } = useTranslation()
  const nameOf = (one: Props['right'][number]) => [one.sign, plainOf(one.words)].filter(Boolean).join(' · ')
  return (
    <ul className={classes.pairs}>
      {left.map((one) => {
        const mine = partners(pairs, one.id)
        return (
          <li key={one.id} className={classes.pair} data-pair={one.id}>
            <div className={classes.words}>{one.shown}</div>
            {rule.most === 1 ? (
              <NativeSelect
                aria-label={t('questions.pairOf', { words: plainOf(one.words) })}
                className={classes.partner!}
                value={mine[0] ?? ''}
                disabled={disabled}
                onChange={(event) => give(paired(pairs, one.id, event.currentTarget.value, rule))}
                data={[
                  { value: '', label: t('questions.notChosen') },
                  ...right.map((other) => ({ value: other.id, label: nameOf(other) })),
                ]}
              />
            ) : (
              <div
                className={classes.marks}
                role="group"
                aria-label={t('questions.pairOf', { words: plainOf(one.words) })}
              >
                {right.map((other) => {
                  const on = mine.includes(other.id)
                  const next = toggledPair(pairs, one.id, other.id, rule)
                  return (
                    <label key={other.id} className={classes.markOf} data-on={on}>
                      <input
                        type="checkbox"
                        checked={on}
                        disabled={disabled || next === null}
                        aria-label={nameOf(other)}
                        onChange={() => next && give(next)}
                      />
                      {other.sign}
                    </label>
                  )
                })}
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
