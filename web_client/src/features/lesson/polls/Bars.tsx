import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PollView } from '../../../api/types'
import { shares } from './reducer'
import classes from './View.module.css'

/** What an option is called. */
export function useOptions(poll: PollView): string[] {
  const { t } = useTranslation()
  return poll.kind === 'yes_no' ? poll.options.map((one) => t(`polls.${one}`)) : poll.options
}

/** How many chose what, as bars and as text. */
export function Bars({ poll }: { poll: PollView }) {
  const { t } = useTranslation()
  const options = useOptions(poll)
  if (poll.counts === null) return null
  const parts = shares(poll)
  return (
    <>
      <ul className={classes.bars} data-bars={poll.id}>
        {options.map((option, place) => {
          const right = poll.closed_at !== null && poll.right?.includes(place)
          return (
            <li key={place} className={right ? classes.right : undefined}>
              <span className={classes.option}>
                {right && <VisuallyHidden>{t('polls.right')}: </VisuallyHidden>}
                {right && <span aria-hidden="true">✓ </span>}
                {option}
              </span>
              <span className="num sm">
                {t('polls.count', { count: poll.counts![place]!, share: parts[place] })}
              </span>
              <span className={classes.track} aria-hidden="true">
                <i style={{ inlineSize: `${parts[place]}%` }} />
              </span>
            </li>
          )
        })}
      </ul>
      <p className="sm muted" role="status">
        {t('polls.voters', { count: poll.voters ?? 0 })}
      </p>
    </>
  )
}
