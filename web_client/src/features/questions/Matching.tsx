import { useTranslation } from 'react-i18next'
import { letterOf } from './pairs'
import { Pairs } from './Pairs'
import type { Part } from './part'
import classes from './Question.module.css'
import { RichText } from './Rich'

export function Matching({ shown, answer, give, disabled, media }: Part<'matching'>) {
  const { t } = useTranslation()
  const pairs = (answer.kind === 'paired' && answer.pairs) || []
  const right = shown.right.map((one, at) => ({ ...one, sign: letterOf(at) }))
  return (
    <div className={classes.stack}>
      <p className={classes.legend}>
        {t('questions.match')}
        {!shown.reuse && <span className="muted"> · {t('questions.onceOnly')}</span>}
      </p>
      <ol className={classes.lettered}>
        {right.map((one) => (
          <li key={one.id}>
            <b aria-hidden="true">{one.sign}</b>
            <div className={classes.words}>
              <RichText rich={one.words} media={media} inline />
            </div>
          </li>
        ))}
      </ol>
      <Pairs
        left={shown.left.map((one) => ({ ...one, shown: <RichText rich={one.words} media={media} inline /> }))}
        right={right}
        pairs={pairs}
        rule={shown}
        disabled={disabled}
        give={(next) => give({ kind: 'paired', pairs: next })}
      />
    </div>
  )
}
