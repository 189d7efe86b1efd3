import { useTranslation } from 'react-i18next'
import { LONGEST_LINE } from './Lines'
import type { Part } from './part'
import classes from './Question.module.css'
import { RichText } from './Rich'
import { type Answer, type Cell, type Fill, type Gap, plainOf } from './shapes'

interface GapProps {
  gap: Gap
  text: string
  label: string
  disabled: boolean
  change: (text: string) => void
}

/** One place to fill: a line, or a choice. */
function GapField({ gap, text, label, disabled, change }: GapProps) {
  const { t } = useTranslation()
  if (gap.kind === 'single') {
    return (
      <select
        className={classes.gap}
        aria-label={label}
        value={text}
        disabled={disabled}
        data-gap={gap.id}
        onChange={(event) => change(event.currentTarget.value)}
      >
        <option value="">{t('questions.notChosen')}</option>
        {(gap.options ?? []).map(({ id, words }) => (
          <option key={id} value={id}>
            {plainOf(words)}
          </option>
        ))}
      </select>
    )
  }
  const units = gap.units ?? []
  return (
    <input
      className={classes.gap}
      aria-label={units.length > 0 ? `${label}, ${t('questions.withUnit', { units: units.join(', ') })}` : label}
      value={text}
      maxLength={LONGEST_LINE}
      disabled={disabled}
      autoComplete="off"
      spellCheck={false}
      size={Math.max(8, Math.min(30, text.length + 2))}
      data-gap={gap.id}
      onChange={(event) => change(event.currentTarget.value)}
    />
  )
}

function filled(answer: Answer): readonly Fill[] {
  return (answer.kind === 'filled' && answer.fills) || []
}

/** With another text in a gap; an empty one is no fill. */
export function withFill(fills: readonly Fill[], gap: string, text: string): Fill[] {
  const others = fills.filter((one) => one.gap !== gap)
  return text ? [...others, { gap, text }] : others
}

export function Cloze({ shown, answer, give, disabled, media, language }: Part<'cloze'> & { language: string }) {
  const { t } = useTranslation()
  const fills = filled(answer)
  return (
    <div className={classes.prompt} lang={language}>
      <RichText
        rich={shown.prompt}
        media={media}
        blank={(id) => {
          const gap = shown.gaps.find((one) => one.id === id)
          return (
            gap && (
              <GapField
                gap={gap}
                text={fills.find((one) => one.gap === id)?.text ?? ''}
                label={t('questions.gap', { number: id })}
                disabled={disabled}
                change={(text) => give({ kind: 'filled', fills: withFill(fills, id, text) })}
              />
            )
          )
        }}
      />
    </div>
  )
}

export function Table({ shown, answer, give, disabled, media, name }: Part<'table'>) {
  const { t } = useTranslation()
  const fills = filled(answer)
  const cell = (held: Cell, row: number, column: number) => {
    if (!('gap' in held)) return <RichText rich={held.words} media={media} inline />
    const gap = shown.gaps.find((one) => one.id === held.gap)
    const heads = [shown.rows[row]?.[0], shown.rows[0]?.[column]].map((one) => (one && 'words' in one ? plainOf(one.words) : ''))
    const label = [t('questions.gap', { number: held.gap }), ...heads].filter(Boolean).join(', ')
    return (
      gap && (
        <GapField
          gap={gap}
          text={fills.find((one) => one.gap === gap.id)?.text ?? ''}
          label={label}
          disabled={disabled}
          change={(text) => give({ kind: 'filled', fills: withFill(fills, gap.id, text) })}
        />
      )
    )
  }
  return (
    <div className={classes.stack}>
      <p className={classes.legend} id={`${name}-table`}>
        {t('questions.fillTable')}
      </p>
      <div className={classes.wide} role="group" tabIndex={0} aria-labelledby={`${name}-table`}>
        <table className={classes.table}>
          <tbody>
            {shown.rows.map((row, at) => (
              <tr key={at}>
                {row.map((held, nth) => {
                  const head = 'head' in held && held.head && plainOf(held.words) !== ''
                  return head ? (
                    <th key={nth} scope={at === 0 ? 'col' : 'row'}>
                      <span aria-hidden="true">{cell(held, at, nth)}</span>
                      <span className="vh">{plainOf(held.words)}</span>
                    </th>
                  ) : (
                    <td key={nth}>{cell(held, at, nth)}</td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
