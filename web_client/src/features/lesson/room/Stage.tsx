import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { publicationOf } from '../../../media/roomState'
import { Icon } from '../../../ui/Icon'
import { Video } from '../../../ui/Video'
import { type OnStage, stageOf } from './layout'
import type { RoomModel } from './model'
import { Tile } from './Tile'
import classes from './View.module.css'

/** The large place: a shared screen, or whoever speaks. */
export function Stage({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const room = useValue(model.room.state)
  const speaker = useValue(model.speaker)
  const pinned = useValue(model.pinned)
  const shown = stageOf(room, speaker, pinned)
  const alone = room.participants.length === 1
  return (
    <main id="main" className={classes.stage} tabIndex={-1} data-stage={shown?.source}>
      {shown?.source === 'screen' && <Screen model={model} shown={shown} />}
      {shown?.source === 'camera' && (
        <div className={classes.face} key={shown.participant.id}>
          <Tile model={model} participant={shown.participant} now={now} whole pinnable={false} />
        </div>
      )}
      {alone && <p className={classes.tag}>{t('room.alone')}</p>}
    </main>
  )
}

function Screen({ model, shown }: { model: RoomModel; shown: OnStage }) {
  const { t } = useTranslation()
  const room = useValue(model.room.state)
  const own = useValue(model.room.own.state)
  const streams = useValue(model.room.streams)
  const { id, name } = shown.participant
  const mine = id === room.me
  const publication = publicationOf(room, id, 'screen')
  const stream = mine ? own.screenStream : publication && streams.get(publication.id)
  const label = mine ? t('room.youShare') : t('room.shares', { name })
  return (
    <>
      {stream && (
        <Video
          stream={stream}
          publication={mine ? undefined : publication?.id}
          className={classes.screen}
          label={label}
        />
      )}
      <p className={classes.tag}>
        <Icon name="monitor-up" size={16} />
        {label}
      </p>
    </>
  )
}
