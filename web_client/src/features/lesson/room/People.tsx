import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import type { ParticipantView } from '../../../api/types'
import { explain } from '../../../base/errors'
import { compareNames, initialsOf } from '../../../base/format'
import { useValue } from '../../../base/react'
import { publicationOf, type RoomState } from '../../../media/roomState'
import { Icon } from '../../../ui/Icon'
import { isHeard } from './layout'
import type { RoomModel } from './model'
import classes from './Panel.module.css'

/** Who is here: those who lead first, then by the alphabet. */
export function People({ model }: { model: RoomModel }) {
  const room = useValue(model.room.state)
  const own = useValue(model.room.own.state)
  const inOrder = [...room.participants].sort(
    (a, b) => Number(b.role === 'lead') - Number(a.role === 'lead') || compareNames(a.name, b.name),
  )
  return (
    <ul className={classes.people}>
      {inOrder.map((participant) => (
        <Person
          key={participant.id}
          model={model}
          room={room}
          participant={participant}
          heard={participant.id === room.me ? own.microphone : isHeard(room, participant.id)}
        />
      ))}
    </ul>
  )
}

function Person(props: {
  model: RoomModel
  room: RoomState
  participant: ParticipantView
  heard: boolean
}) {
  const { t } = useTranslation()
  const { model, room, participant, heard } = props
  const mine = participant.id === room.me
  const speaking = heard && room.speaking.includes(participant.id)
  const microphone = publicationOf(room, participant.id, 'microphone')
  const mute = async () => {
    try {
      await model.room.mute(microphone!.id)
    } catch (error) {
      notifications.show({ message: explain(error), color: 'madder' })
    }
  }
  return (
    <li data-person={participant.id}>
      <span className="av" aria-hidden="true">
        {initialsOf(participant.name)}
      </span>
      <span className={`grow ${classes.who}`}>
        <span className="cut">
          {participant.name}
          {mine && <span className="muted"> · {t('room.you')}</span>}
        </span>
        <span className="xs muted">{t(stateOf(participant))}</span>
      </span>
      <span className={speaking ? classes.speaking : heard ? undefined : classes.silent}>
        <Icon name={heard ? 'mic' : 'mic-off'} />
        <span className="vh">
          {t(speaking ? 'room.speaks' : heard ? 'room.microphoneOn' : 'room.microphoneOff')}
        </span>
      </span>
      {room.may.moderate && !mine && heard && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('room.muteName', { name: participant.name })}
          onClick={() => void mute()}
        >
          {t('room.mute')}
        </Button>
      )}
    </li>
  )
}

function stateOf({ connected, role }: ParticipantView): string {
  if (!connected) return 'room.state.cut'
  return `room.state.${role}`
}
