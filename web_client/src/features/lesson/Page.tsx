import { useTranslation } from 'react-i18next'
import { useEffect } from 'react'
import { isRefusal } from '../../base/errors'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { NotFound, Unavailable } from '../../ui/Lost'
import { Waiting } from '../../ui/Waiting'
import { After } from './After'
import { Before } from './before/View'
import { KeptLesson } from './kept'
import { LessonVisit } from './model'
import { RoomView } from './room/View'

/** A lesson: before it, in it, after it. */
export default function LessonPage({ lessonId }: { lessonId: string }) {
  const me = useMe()
  const { api, link, clock } = useServices()
  const visit = useModel(
    (scope) => {
      const kept = new KeptLesson(lessonId, sessionStorage)
      return new LessonVisit(scope, { api, link, clock, me, kept }, lessonId)
    },
    [lessonId, me.id],
  )
  return visit ? <Stages visit={visit} /> : null
}

function Stages({ visit }: { visit: LessonVisit }) {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const stage = useValue(visit.stage)
  const error = 'error' in stage ? stage.error : null
  useEffect(() => {
    if (isRefusal(error, 'not_logged_in')) void entrance.stayOut()
  }, [error, entrance])
  switch (stage.name) {
    case 'loading':
      return (
        <main id="main" style={{ padding: '2rem' }}>
          <Waiting>{t('lesson.loading')}</Waiting>
        </main>
      )
    case 'failed':
      if (isRefusal(stage.error, 'not_found')) return <NotFound />
      return <Unavailable error={stage.error} retry={() => visit.retry()} />
    case 'before':
      return <Before visit={visit} stage={stage} />
    case 'inside':
      return <RoomView visit={visit} room={stage.room} chat={stage.chat} />
    case 'after':
      return <After visit={visit} ending={stage.ending} />
  }
}
