import { lazy, type ReactNode, Suspense } from 'react'
import { useSlides } from '../board/slides/find'
import classes from './Stage.module.css'
import type { Playback } from './model'
import type { Shown } from './story'

const Slides = lazy(() => import('../board/slides/View'))
const Drawn = lazy(() => import('./Drawn'))

/** The page of the presentation that was shown; `otherwise` while it is fetched, or where it is not there any more. */
export function ShownSlides(props: { roomId: string; shown: Shown; otherwise: ReactNode }) {
  const { roomId, shown, otherwise } = props
  const { board } = useSlides(roomId, shown.id)
  if (!board?.file_id) return otherwise
  return (
    <Suspense fallback={otherwise}>
      <div className={classes.slides} data-shown={shown.id}>
        <Slides fileId={board.file_id} title={board.title} page={shown.page} />
      </div>
    </Suspense>
  )
}

/** The board or the notes that were shown, over their name: that is seen where they are not there any more. */
export function ShownDrawn(props: { playback: Playback; shown: Shown; began: string; otherwise: ReactNode }) {
  const { playback, shown, began, otherwise } = props
  return (
    <>
      {otherwise}
      <Suspense>
        <Drawn playback={playback} shown={shown} began={began} />
      </Suspense>
    </>
  )
}
