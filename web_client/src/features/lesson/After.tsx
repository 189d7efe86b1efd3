import { Button } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useValue } from '../../base/react'
import type { Ending } from '../../media/room'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import type { LessonVisit } from './model'
import classes from './After.module.css'

const KeptBoards = lazy(() => import('../board/Kept'))

/** Out of the lesson: why, and the way back. */
export function After({ visit, ending }: { visit: LessonVisit; ending: Ending }) {
  const { t } = useTranslation()
  const lesson = useValue(visit.lesson)
  const heading = usePage(t(`after.${ending}.title`))
  return (
    <Front>
      <main id="main" className={classes.after} tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1}>
          {t(`after.${ending}.title`)}
        </h1>
        <p className="muted">{t(`after.${ending}.text`)}</p>
        <div className={classes.ways}>
          <Button component={Link} href="/">
            {t('common.home')}
          </Button>
          {lesson?.my_part === 'lead' && (
            <Button component={Link} href={`/lessons/${lesson.id}/report`} variant="default">
              {t('report.open')}
            </Button>
          )}
          <Button component={Link} href="/recordings" variant="default">
            {t('playback.afterLink')}
          </Button>
          {(ending !== 'closed' || lesson?.my_part === 'lead') && (
            <Button variant="default" onClick={() => visit.back()}>
              {t(`after.${ending}.back`)}
            </Button>
          )}
        </div>
        {lesson && (
          <Suspense fallback={null}>
            <KeptBoards roomId={lesson.room_id} />
          </Suspense>
        )}
      </main>
    </Front>
  )
}
