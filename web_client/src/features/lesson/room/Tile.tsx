import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '../../../api/types'
import { initialsOf, stopwatch } from '../../../base/format'
import { useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { publicationOf, type RoomState } from '../../../media/roomState'
import { Icon } from '../../../ui/Icon'
import { Video } from '../../../ui/Video'
import { isHeard } from './layout'
import type { RoomModel } from './model'
import classes from './Tile.module.css'

interface Props {
  model: RoomModel
  participant: ParticipantView
  now: Value<number>
  /** The whole name, for a large tile; else the given name. */
  whole?: boolean
  pinnable?: boolean
}

/** One face: picture or initials, name, microphone, whether speaking or cut off. */
export function Tile({ model, participant, now, whole = false, pinnable = true }: Props) {
  const { t } = useTranslation()
  const room = useValue(model.room.state)
  const own = useValue(model.room.own.state)
  const pinned = useValue(model.pinned) === participant.id
  const mine = participant.id === room.me
  const heard = mine ? own.microphone : isHeard(room, participant.id)
  const speaking = heard && participant.connected && room.speaking.includes(participant.id)
  const name = mine ? t('room.you') : whole ? participant.name : shortName(participant.name)
  return (
    <div
      className={`${classes.tile} ${speaking && pinnable ? classes.speaking : ''}`}
      data-tile={participant.id}
      data-speaking={speaking || undefined}
    >
      <Picture model={model} room={room} participant={participant} />
      {!participant.connected && <Veil model={model} participant={participant} now={now} />}
      <span className={classes.name}>
        <Icon name={heard ? 'mic' : 'mic-off'} size={13} />
        <span className="vh">{t(heard ? 'room.microphoneOn' : 'room.microphoneOff')}</span>
        <span className="cut">{name}</span>
      </span>
      {pinnable && (
        <button
          type="button"
          className={classes.pin}
          aria-pressed={pinned}
          aria-label={t(pinned ? 'room.unpin' : 'room.pin', { name: participant.name })}
          onClick={() => model.pin(participant.id)}
        />
      )}
    </div>
  )
}

function Picture(props: { model: RoomModel; room: RoomState; participant: ParticipantView }) {
  const { model, room, participant } = props
  const own = useValue(model.room.own.state)
  const streams = useValue(model.room.streams)
  if (participant.id === room.me) {
    if (own.cameraStream)
      return <Video stream={own.cameraStream} mirrored className={classes.video} />
    return <Initials name={participant.name} />
  }
  const camera = publicationOf(room, participant.id, 'camera')
  const stream = camera && !camera.muted ? streams.get(camera.id) : undefined
  if (!camera || !stream) return <Initials name={participant.name} />
  return <Video stream={stream} publication={camera.id} className={classes.video} />
}

function Initials({ name }: { name: string }) {
  return (
    <span className={classes.initials} aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}

/** A broken connection is not seen, and no more than that. */
function Veil({ model, participant, now }: Pick<Props, 'model' | 'participant' | 'now'>) {
  const { t } = useTranslation()
  const length = stopwatch(useValue(now) - model.cutAt(participant.id))
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
