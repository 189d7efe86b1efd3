import { useTranslation } from 'react-i18next'
import { type Places, RichText } from './Rich'
import classes from './Question.module.css'
import type { Criterion } from './shapes'

/** By what it is marked, as far as the author shows it. */
export function Rubric({ rubric, media }: { rubric: readonly Criterion[]; media: Places }) {
  const { t } = useTranslation()
  if (rubric.length === 0) return null
  return (
    <details className={classes.rubric}>
      <summary>{t('questions.rubric')}</summary>
      <dl>
        {rubric.map((criterion, at) => (
          <div key={at}>
            <dt>
              <RichText rich={criterion.words} media={media} inline />
            </dt>
            {criterion.levels.map((level, nth) => (
              <dd key={nth}>
                <b className="num">{level.points}</b> <RichText rich={level.words} media={media} inline />
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </details>
  )
}
