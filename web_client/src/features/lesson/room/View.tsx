import { notifications } from '@mantine/notifications'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { useModel, useValue } from '../../../base/react'
import { ticking } from '../../../base/clock'
import type { Value } from '../../../base/value'
import type { Room } from '../../../media/room'
import { useServices } from '../../../services'
import { Waiting } from '../../../ui/Waiting'
import { lessonName } from '../../../ui/lessonName'
import { usePage } from '../../../ui/page'
import type { ChatModel } from '../chat/model'
import type { LessonVisit } from '../model'
import { Controls } from './Controls'
import { Grid } from './Grid'
import { Live } from './Live'
import { RoomModel } from './model'
import { Panel } from './Panel'
import { SoundBlocked, Trouble } from './Notes'
import { Stage } from './Stage'
import { Strip } from './Strip'
import { TopBar } from './TopBar'
import classes from './View.module.css'

/** Inside a lesson. */
export function RoomView(props: { visit: LessonVisit; room: Room; chat: ChatModel }) {
  const { clock, preferences } = useServices()
  const { visit, room, chat } = props
  const model = useModel(
    (scope) => new RoomModel(scope, clock, room, chat, preferences.letterKeys),
    [room, chat],
  )
  const now = useModel((scope) => ticking(scope, clock, 1_000), [clock])
  return model && now ? <Inside visit={visit} model={model} now={now} /> : null
}

function Inside(props: { visit: LessonVisit; model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const { visit, model, now } = props
  const { room } = model
  const lesson = useValue(visit.lesson)
  const name = lesson ? lessonName(lesson) : { first: '', second: '' }
  const heading = usePage(`${name.first} ${name.second}`.trim())
  const phase = useValue(room.phase)
  const view = useValue(model.view)
  const panel = useValue(model.panel)
  useTelling(room)
  const shape = [classes.room, view === 'grid' && classes.inGrid, !panel && classes.alone]
  return (
    <div className={shape.filter(Boolean).join(' ')} data-room={phase.name}>
      <TopBar visit={visit} model={model} now={now} heading={heading} />
      {phase.name !== 'in' ? (
        <main id="main" className={classes.entering} tabIndex={-1}>
          <Waiting>{t('room.entering')}</Waiting>
        </main>
      ) : view === 'grid' ? (
        <Grid model={model} now={now} />
      ) : (
        <>
          <Strip model={model} now={now} />
          <Stage model={model} now={now} />
        </>
      )}
      {panel && <Panel model={model} panel={panel} />}
      <Controls visit={visit} model={model} />
      <SoundBlocked room={room} />
      <Trouble room={room} />
      <Live model={model} />
    </div>
  )
}

/** Tells once what could not be done, and that a teacher turned the microphone off. */
function useTelling(room: Room) {
  const { t } = useTranslation()
  const trouble = useValue(room.trouble)
  const { silenced } = useValue(room.own.state)
  useEffect(() => {
    if (trouble !== null) notifications.show({ message: explain(trouble), color: 'madder' })
  }, [trouble])
  useEffect(() => {
    if (silenced) notifications.show({ message: t('room.silenced') })
  }, [silenced, t])
}
