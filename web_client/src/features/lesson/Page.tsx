import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { lazy, Suspense, useEffect } from 'react'
import { isRefusal } from '../../base/errors'
import { allWords } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { useLater } from '../../ui/later'
import { NotFound, Unavailable } from '../../ui/Lost'
import { Waiting } from '../../ui/Waiting'
import { After } from './After'
import { Before } from './before/View'
import { KeptLesson } from './kept'
import { LessonVisit } from './model'

const room = () => import('./room/View')
const RoomView = lazy(() => room().then((found) => ({ default: found.RoomView })))

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
  const { entrance } = useServices()
  const stage = useValue(visit.stage)
  useLater(allWords)
  const error = 'error' in stage ? stage.error : null
  useEffect(() => {
    if (isRefusal(error, 'not_logged_in')) void entrance.stayOut()
  }, [error, entrance])
  useEffect(() => (stage.name === 'inside' ? entrance.stay() : undefined), [stage.name, entrance])
  // The room's script comes while the server is asked to let one in.
  const entering = stage.name === 'before' && (stage.busy || stage.waiting)
  useEffect(() => {
    if (entering) void room()
  }, [entering])
  useHeldNotice()
  switch (stage.name) {
    case 'loading':
      return <Opening />
    case 'failed':
      if (isRefusal(stage.error, 'not_found')) return <NotFound />
      return <Unavailable error={stage.error} retry={() => visit.retry()} />
    case 'before':
      return <Before visit={visit} stage={stage} />
    case 'inside':
      return (
        <Suspense fallback={<Opening />}>
          <RoomView visit={visit} room={stage.room} chat={stage.chat} />
        </Suspense>
      )
    case 'after':
      return <After visit={visit} ending={stage.ending} />
  }
}

function Opening() {
  const { t } = useTranslation()
  return (
    <main id="main" style={{ padding: '2rem' }}>
      <Waiting>{t('lesson.loading')}</Waiting>
    </main>
  )
}

/** What must be done first waits until the lesson is over; that it does is said once. */
function useHeldNotice(): void {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const presence = useValue(entrance.presence)
  const staying = useValue(entrance.staying)
  const held = presence.phase === 'in' && staying > 0 ? presence.heldUp : null
  useEffect(() => {
    if (!held) return
    const id = notifications.show({ message: t(`lesson.held.${held}`), autoClose: false })
    return () => {
      notifications.hide(id)
    }
  }, [held, t])
}
