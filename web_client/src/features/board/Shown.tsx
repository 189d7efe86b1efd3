import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../base/errors'
import { useModel, usePart, useValue } from '../../base/react'
import { leads, myself } from '../../media/roomState'
import type { Leading } from '../../media/told'
import { useServices } from '../../services'
import { Waiting } from '../../ui/Waiting'
import { attempt } from '../lesson/room/attempt'
import type { RoomModel } from '../lesson/room/model'
import { Notes } from './notes/View'
import { useSlides } from './slides/find'
import { BoardSync } from './sync'
import classes from './View.module.css'

const Whiteboard = lazy(() => import('./whiteboard/View'))
const Slides = lazy(() => import('./slides/View'))

export type Showing = NonNullable<Leading['showing']>

interface ShownProps {
  model: RoomModel
  showing: Showing
  roomId: string
  /** What files that are given out are called. */
  name: string
}

/** What is shown to all in a lesson: a whiteboard, notes or slides. */
export default function Shown({ model, showing, roomId, name }: ShownProps) {
  const { t } = useTranslation()
  const { link } = useServices()
  const lead = usePart(model.room.state, leads)
  const { kind, id, page } = showing
  const turn = lead
    ? (next: number) => void attempt(link.command('show', { kind, id, page: next }))
    : undefined
  return (
    <Suspense fallback={<Waiting>{t('board.opening')}</Waiting>}>
      {kind === 'slides' ? (
        <ShownSlides key={id} roomId={roomId} id={id} page={page} turn={turn} />
      ) : (
        <Synced key={id} model={model} showing={showing} name={name} turn={turn} />
      )}
    </Suspense>
  )
}

function Synced(props: {
  model: RoomModel
  showing: Showing
  name: string
  turn?: (page: number) => void
}) {
  const { model, showing, name, turn } = props
  const sync = useSync(model, showing.id)
  if (!sync) return null
  return showing.kind === 'notes' ? (
    <Failing sync={sync}>
      <Notes sync={sync} name={name} />
    </Failing>
  ) : (
    <Failing sync={sync}>
      <Whiteboard sync={sync} name={name} page={showing.page} turn={turn} />
    </Failing>
  )
}

/** A board of the room that we are in; the right to write follows the room. */
export function useSync(model: RoomModel, boardId: string): BoardSync | undefined {
  const { api, link, clock } = useServices()
  const { state } = model.room
  const sync = useModel(
    (scope) => {
      const keepState = leads(state.get()) ? api.keepBoardState : null
      return new BoardSync(scope, link, clock, boardId, { storage: sessionStorage, state: keepState })
    },
    [boardId, link],
  )
  const mayWrite = usePart(state, (room) => leads(room) || (myself(room)?.rights.write ?? false))
  useEffect(() => sync?.allow(mayWrite), [sync, mayWrite])
  return sync
}

/** Over it, what the server did not take. */
export function Failing({ sync, children }: { sync: BoardSync; children: React.ReactNode }) {
  const trouble = useValue(sync.trouble)
  return (
    <>
      {trouble !== null && (
        <p role="alert" className={classes.trouble}>
          {explain(trouble)}
        </p>
      )}
      {children}
    </>
  )
}

function ShownSlides(props: {
  roomId: string
  id: string
  page: number
  turn?: (page: number) => void
}) {
  const { t } = useTranslation()
  const { roomId, id, page, turn } = props
  const { board, error } = useSlides(roomId, id)
  if (error !== null) return <p role="alert">{explain(error)}</p>
  if (!board?.file_id) return <Waiting>{t('board.opening')}</Waiting>
  return <Slides fileId={board.file_id} title={board.title} page={page} turn={turn} />
}
