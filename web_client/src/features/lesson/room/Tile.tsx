import { memo, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { initialsOf, stopwatch } from '../../../base/format'
import { usePart, useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { personWith, publicationOf, raisedHands } from '../../../media/roomState'
import { Icon } from '../../../ui/Icon'
import { Video } from '../../../ui/Video'
import { isHeard } from './layout'
import type { RoomModel } from './model'
import classes from './Tile.module.css'

interface Props {
  model: RoomModel
  id: string
  now: Value<number>
  /** The whole name, for a large tile; else the given name. */
  whole?: boolean
  pinnable?: boolean
}

/** One face: picture or initials, name, microphone, hand, whether speaking or cut off. Each reads of the
 *  room only what it shows, so that of thirty faces only the one that changed is drawn anew. */
export const Tile = memo(function Tile({ model, id, now, whole, pinnable = true }: Props) {
  const { t } = useTranslation()
  const { state, own, lines } = model.room
  const person = usePart(state, (room) => personWith(room, id))
  const mine = usePart(state, (room) => room.me === id)
  const heardAfar = usePart(state, (room) => isHeard(room, id))
  const speaks = usePart(state, (room) => room.speaking.includes(id))
  const myMicrophone = usePart(own.state, ({ microphone }) => microphone)
  const line = usePart(lines, (all) => all.get(id))
  const pinned = usePart(model.layout, (layout) => layout.pinned === id)
  if (!person) return null
  const heard = mine ? myMicrophone : heardAfar
  const speaking = heard && person.connected && speaks
  const name = mine ? t('room.you') : whole ? person.name : shortName(person.name)
  return (
    <div
      className={`${classes.tile} ${speaking && pinnable ? classes.speaking : ''}`}
      data-tile={id}
      data-speaking={speaking || undefined}
    >
      <Picture model={model} id={id} name={person.name} mine={mine} />
      {!person.connected && <Veil model={model} id={id} now={now} />}
      {person.hand_at !== null && <Hand model={model} id={id} />}
      <span className={classes.name}>
        <Icon name={heard ? 'mic' : 'mic-off'} size={13} />
        <span className="vh">{t(heard ? 'room.microphoneOn' : 'room.microphoneOff')}</span>
        <span className="cut">{name}</span>
        {line && (
          <span className={classes.line} data-line={line}>
            <Icon name="wifi-low" size={13} />
            <span className="vh">{t(`room.line.${line}`)}</span>
          </span>
        )}
      </span>
      {pinnable && (
        <button
          type="button"
          className={classes.pin}
          aria-pressed={pinned}
          aria-label={t(pinned ? 'room.unpin' : 'room.pin', { name: person.name })}
          onClick={() => model.pin(id)}
        />
      )}
    </div>
  )
})

function Picture(props: { model: RoomModel; id: string; name: string; mine: boolean }) {
  const { model, id, name, mine } = props
  const { state, own, streams, watching } = model.room
  const home = useRef<HTMLDivElement>(null)
  const ownStream = usePart(own.state, ({ cameraStream }) => cameraStream)
  const publication = usePart(state, (room) => {
    const camera = mine ? undefined : publicationOf(room, id, 'camera')
    return camera && !camera.muted ? camera.id : null
  })
  const stream = usePart(streams, (all) => (publication ? all.get(publication) : undefined))
  const limit = usePart(model.room.limited, (all) => all.get(publication ?? ''))
  useEffect(() => {
    if (publication) return watching.show(home.current!, publication)
  }, [watching, publication])
  const shown = mine ? ownStream : publication && limit !== 'off' && stream
  return (
    <div ref={home} className={classes.picture}>
      {shown ? (
        <Video
          stream={shown}
          mirrored={mine}
          publication={publication ?? undefined}
          className={classes.video}
        />
      ) : (
        <span className={classes.initials} aria-hidden="true">
          {initialsOf(name)}
        </span>
      )}
      {limit && <LimitTold limit={limit} />}
    </div>
  )
}

/** Why a picture is not as it should be: our own line. */
export function LimitTold({ limit }: { limit: 'small' | 'off' }) {
  const { t } = useTranslation()
  return (
    <span className={classes.limit} data-limit={limit}>
      <Icon name="wifi-low" size={13} />
      <span className="cut">{t(`room.limited.${limit}`)}</span>
    </span>
  )
}

/** A raised hand, with its place in the order. */
function Hand({ model, id }: Pick<Props, 'model' | 'id'>) {
  const { t } = useTranslation()
  const number = usePart(
    model.room.state,
    (room) => raisedHands(room).findIndex((person) => person.id === id) + 1,
  )
  return (
    <span className={classes.hand} data-hand={number}>
      <Icon name="hand" size={14} />
      <span aria-hidden="true">{number}</span>
      <span className="vh">{t('room.hand.number', { number })}</span>
    </span>
  )
}

/** A broken connection is not seen, and no more than that. */
function Veil({ model, id, now }: Pick<Props, 'model' | 'id' | 'now'>) {
  const { t } = useTranslation()
  const length = stopwatch(useValue(now) - model.cutAt(id))
  return (
    <span className={classes.veil}>
      <Icon name="wifi-off" size={16} />
      <span className="num">{t('room.cutFor', { length })}</span>
    </span>
  )
}

function shortName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name
}
