import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart, useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { personWith, publicationOf } from '../../../media/roomState'
import { Icon } from '../../../ui/Icon'
import { Video } from '../../../ui/Video'
import { Waiting } from '../../../ui/Waiting'
import { useShowing } from '../../board/show'
import type { Shown } from './floating'
import { Alone } from './Grid'
import { type OnStage, stageOf } from './layout'
import type { RoomModel } from './model'
import { LimitTold, Tile } from './Tile'
import classes from './View.module.css'

const BoardShown = lazy(() => import('../../board/Shown'))

/** The large place: what is shown to all, a shared screen, or whoever speaks. */
export function Stage(props: { model: RoomModel; now: Value<number>; roomId: string; name: string }) {
  const { t } = useTranslation()
  const { model, now, roomId, name } = props
  const showing = useShowing(model)
  const speaker = useValue(model.speaker)
  const pinned = usePart(model.layout, (layout) => layout.pinned)
  // `id source`: a plain value, so that the stage is drawn anew only when somebody else stands on it.
  const shown = usePart(model.room.state, (room) => {
    const found = stageOf(room, speaker, pinned)
    return found ? `${found.participant.id} ${found.source}` : ''
  })
  const [id, source] = shown.split(' ') as [string, OnStage['source'] | undefined]
  useFloating(model, id, source)
  if (showing) {
    return (
      <main id="main" className={classes.stage} tabIndex={-1} data-stage={showing.kind}>
        <Suspense fallback={<Waiting>{t('board.opening')}</Waiting>}>
          <BoardShown model={model} showing={showing} roomId={roomId} name={name} />
        </Suspense>
      </main>
    )
  }
  return (
    <main id="main" className={classes.stage} tabIndex={-1} data-stage={source} data-on-stage={id}>
      {source === 'screen' && <Screen model={model} id={id} />}
      {source === 'camera' && (
        <div className={classes.face} key={id}>
          <Tile model={model} id={id} now={now} whole pinnable={false} />
        </div>
      )}
      <Alone model={model} />
    </main>
  )
}

/** The window outside of the page follows the stage. */
function useFloating(model: RoomModel, id: string, source: OnStage['source'] | undefined): void {
  const { state, own, streams } = model.room
  const mine = usePart(state, (room) => room.me === id)
  const publication = usePart(state, (room) =>
    source && !mine ? (publicationOf(room, id, source)?.id ?? null) : null,
  )
  const afar = usePart(streams, (all) => (publication ? all.get(publication) : undefined))
  const near = usePart(own.state, (all) =>
    source === 'screen' ? all.screenStream : all.cameraStream,
  )
  const stream = mine ? near : afar
  useEffect(() => {
    const shown: Shown | null = stream ? { stream, publication } : null
    model.floating.follow(shown)
  }, [model, stream, publication])
}

function Screen({ model, id }: { model: RoomModel; id: string }) {
  const { t } = useTranslation()
  const { state, own, streams, watching } = model.room
  const home = useRef<HTMLDivElement>(null)
  const mine = usePart(state, (room) => room.me === id)
  const name = usePart(state, (room) => personWith(room, id)?.name ?? '')
  const publication = usePart(state, (room) => publicationOf(room, id, 'screen')?.id ?? null)
  const afar = usePart(streams, (all) => (publication ? all.get(publication) : undefined))
  const near = usePart(own.state, ({ screenStream }) => screenStream)
  const limit = usePart(model.room.limited, (all) => all.get(publication ?? ''))
  useEffect(() => {
    if (publication && !mine) return watching.show(home.current!, publication)
  }, [watching, publication, mine])
  const stream = mine ? near : afar
  const label = mine ? t('room.youShare') : t('room.shares', { name })
  return (
    <div ref={home} className={classes.shared}>
      {stream && (
        <Video
          stream={stream}
          publication={mine ? undefined : (publication ?? undefined)}
          className={classes.screen}
          label={label}
        />
      )}
      {limit && <LimitTold limit={limit} />}
      <p className={classes.tag}>
        <Icon name="monitor-up" size={16} />
        {label}
      </p>
    </div>
  )
}
