import { notifications } from '@mantine/notifications'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { useModel, usePart, useValue } from '../../../base/react'
import { ticking } from '../../../base/clock'
import type { Value } from '../../../base/value'
import type { Room } from '../../../media/room'
import { myself } from '../../../media/roomState'
import { useServices } from '../../../services'
import { Waiting } from '../../../ui/Waiting'
import { lessonName } from '../../../ui/lessonName'
import { usePage } from '../../../ui/page'
import { CaptionsModel } from '../captions/model'
import { Captions } from '../captions/View'
import { useStageFor } from '../../board/show'
import type { ChatModel } from '../chat/model'
import type { LessonVisit } from '../model'
import { PollCard } from '../polls/Card'
import { PollsModel } from '../polls/model'
import { Controls } from './Controls'
import { Grid } from './Grid'
import { Live } from './Live'
import { AtTheDoor } from './AtTheDoor'
import { RoomModel } from './model'
import { Panel } from './Panel'
import {
  AskedDialog,
  BannerNote,
  ConsentDialog,
  InBreakout,
  Reactions,
  SoundBlocked,
  Trouble,
} from './Notes'
import { Stage } from './Stage'
import { Strip } from './Strip'
import { TopBar } from './TopBar'
import classes from './View.module.css'

/** Inside a lesson. */
export function RoomView(props: { visit: LessonVisit; room: Room; chat: ChatModel }) {
  const { clock, preferences } = useServices()
  const { visit, room, chat } = props
  const model = useModel(
    (scope) =>
      new RoomModel(scope, clock, room, chat, preferences.letterKeys, visit.layoutKeeper),
    [room, chat],
  )
  const now = useModel((scope) => ticking(scope, clock, 1_000), [clock])
  return model && now ? <Inside visit={visit} model={model} now={now} /> : null
}

function Inside(props: { visit: LessonVisit; model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const { visit, model, now } = props
  const { room } = model
  const { api, link, clock } = useServices()
  const captions = useModel(
    (scope) => new CaptionsModel(scope, link, clock, room, localStorage),
    [room],
  )
  const lesson = useValue(visit.lesson)
  const polls = useModel(
    (scope) => (lesson ? new PollsModel(scope, api, link, lesson.room_id) : undefined),
    [room, lesson?.room_id],
  )
  const place = usePart(room.state, (all) => myself(all)?.place ?? 'main')
  const name = lesson ? lessonName(lesson) : { first: '', second: '' }
  const heading = usePage(`${name.first} ${name.second}`.trim())
  const phase = useValue(room.phase)
  const layout = useValue(model.layout)
  const outside = usePart(room.state, ({ waiting }) => waiting)
  const consent = useValue(visit.consent)
  useTelling(room)
  useStageFor(model)
  const inside = phase.name === 'in' && !outside
  const panel = inside ? layout.panel : null
  const { view } = layout
  const shape = [
    classes.room,
    view === 'grid' && classes.inGrid,
    view === 'stage' && classes.onStage,
    !panel && classes.alone,
  ]
  return (
    <div className={shape.filter(Boolean).join(' ')} data-room={outside ? 'door' : phase.name}>
      <TopBar visit={visit} model={model} now={now} heading={heading} />
      {phase.name !== 'in' ? (
        <main id="main" className={classes.entering} tabIndex={-1}>
          <Waiting>{t('room.entering')}</Waiting>
        </main>
      ) : outside ? (
        <AtTheDoor room={room} leave={() => void visit.leave()} />
      ) : view === 'grid' ? (
        <Grid model={model} now={now} />
      ) : (
        <>
          {view === 'speaker' && <Strip model={model} now={now} />}
          <Stage model={model} now={now} roomId={lesson?.room_id ?? ''} name={name.first} />
        </>
      )}
      {panel && lesson && (
        <Panel
          model={model}
          panel={panel}
          roomId={lesson.room_id}
          polls={polls}
          recorded={() => visit.noteConsent('given')}
        />
      )}
      <Controls visit={visit} model={model} captions={() => captions?.setOpen(true)} />
      <section className={classes.notes} aria-label={t('room.notes')}>
        <SoundBlocked room={room} />
        <Trouble model={model} />
        <BannerNote model={model} />
        <InBreakout model={model} />
        {inside && polls && panel !== 'polls' && <PollCard model={polls} place={place} />}
      </section>
      <Reactions model={model} />
      {captions && <Captions model={captions} />}
      <AskedDialog model={model} />
      <ConsentDialog
        model={model}
        asked={consent === 'asked'}
        answer={(agrees) => visit.setConsent(agrees)}
      />
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
