import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useValue } from '../../base/react'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Mark } from '../../ui/Mark'
import { Band } from './Band'
import { Call } from './Call'
import classes from './Rest.module.css'
import type { Sitting } from './sitting'

/** Nothing can be written here now: it is elsewhere, not begun, or paused. */
export function AtRest({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  const { phase, view, error, busy } = useValue(sitting.state)
  const queue = useValue(sitting.queue.state)
  const heading = usePage(view?.exam.title ?? t('nav.exams'))
  const unsent = sitting.queue.unsent.length
  const movable = phase === 'elsewhere' || phase === 'other_tab'
  const why = view?.messages.at(-1)?.why
  return (
    <main id="main" className={classes.rest} tabIndex={-1} data-sitting={phase}>
      <Mark />
      {phase !== 'other_tab' && <Band sitting={sitting} />}
      <h1 ref={heading} tabIndex={-1}>
        {t(`exam.rest.${phase}`)}
      </h1>
      <p className="muted">{view?.exam.title}</p>
      <p role="status">{t(`exam.rest.${phase}Text`)}</p>
      {phase === 'paused' && why && <p className="note">{t('exam.reason', { why })}</p>}
      {phase === 'before' && view?.seat && <p>{t('exam.seat', { seat: view.seat })}</p>}
      {(phase === 'before' || phase === 'paused') && view?.exam.lesson_id && <Call lesson={view.exam.lesson_id} />}
      {movable && unsent > 0 && (
        <p className="note unseen">{t('exam.rest.unsent', { count: unsent })}</p>
      )}
      {error !== null && <Problem error={error} />}
      <div className={classes.acts}>
        {movable && (
          <Button loading={busy} onClick={() => void sitting.bringHere()}>
            {t('exam.rest.bring')}
          </Button>
        )}
        <Button component={Link} href="/exams" variant="default">
          {t('exam.toList')}
        </Button>
      </div>
      {queue.stopped === 'not_logged_in' && <p className="sm muted">{t('exam.logInAgain')}</p>}
    </main>
  )
}
