import { useTranslation } from 'react-i18next'
import { ticking } from '../../base/clock'
import { stopwatch } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { Cell } from '../../base/value'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { Sign } from '../questions/Sign'
import classes from './Room.module.css'
import type { Sitting } from './sitting'

const BEGIN = new Cell(0)

/** The line is away: what that means for who writes, and for how long it lasts. */
export function Band({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  const { cutSince, stopped, keeps } = useValue(sitting.queue.state)
  if (stopped === 'not_logged_in') {
    return (
      <div className={classes.band} data-band="log-in" role="status">
        <Icon name="lock" />
        <p>
          <b>{t('exam.loggedOut')}</b> {t('exam.loggedOutText')}{' '}
          <a href={`/log-in?next=${encodeURIComponent(location.pathname)}`}>{t('exam.logIn')}</a>
        </p>
      </div>
    )
  }
  if (cutSince === null) return null
  return (
    <div className={classes.band} data-band="cut">
      <Sign name="cloud-off" />
      <p>
        <span role="status">
          <b>{t('exam.cut')}</b> {t(keeps ? 'exam.cutText' : 'exam.cutTextPage')}
        </span>{' '}
        <Since since={cutSince} />
      </p>
    </div>
  )
}

function Since({ since }: { since: number }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const now = useModel((scope) => ticking(scope, clock, 1000), [clock])
  useValue(now ?? BEGIN)
  return (
    <span className={classes.since} aria-hidden="true">
      {t('exam.cutFor')} <b className="num">{stopwatch(performance.now() - since)}</b>
    </span>
  )
}
