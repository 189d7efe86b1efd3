import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart, useValue } from '../../../base/react'
import { leads, maySend, myself } from '../../../media/roomState'
import { REACTIONS } from '../../../media/told'
import { useServices } from '../../../services'
import { copyLink } from '../../../ui/CopyLink'
import { Icon } from '../../../ui/Icon'
import type { IconName } from '../../../ui/icons'
import { useLater } from '../../../ui/later'
import { useShowDeeds } from '../../board/show'
import type { LessonVisit } from '../model'
import { attempt } from './attempt'
import { More, type Deed } from './More'
import type { RoomModel } from './model'
import { FACES } from './reactions'
import type { WindowName } from './Windows'
import classes from './Controls.module.css'

const windows = () => import('./Windows')
const Windows = lazy(windows)

/** What one can do in a lesson. Leaving stands apart. */
export function Controls(props: { visit: LessonVisit; model: RoomModel; captions: () => void }) {
  const { visit, model, captions } = props
  const { t } = useTranslation()
  const [dialog, setDialog] = useState<WindowName | null>(null)
  const [wanted, want] = useState(false)
  if (dialog && !wanted) want(true)
  useLater(windows)
  const may = usePart(model.room.state, (room) => room.may)
  const outside = usePart(model.room.state, (room) => room.waiting)
  const roomId = usePart(visit.lesson, (lesson) => lesson?.room_id)
  const leave = () => (may.moderate ? setDialog('end') : void visit.leave())
  const close = () => setDialog(null)
  if (outside) return null
  return (
    <section className={classes.bar} aria-label={t('room.controls')}>
      <div className={classes.group}>
        <OwnControls model={model} />
      </div>
      <div className={classes.group}>
        <ScreenControl model={model} />
        <ShowControl model={model} roomId={roomId} />
        <HandControl model={model} />
        <PanelControls model={model} />
        <MoreControls visit={visit} model={model} open={setDialog} captions={captions} />
      </div>
      <div className={classes.group}>
        <Control icon="log-out" name={t('room.leave')} kind={classes.leave} act={leave} />
      </div>
      {wanted && (
        <Suspense fallback={null}>
          <Windows visit={visit} model={model} open={dialog} close={close} />
        </Suspense>
      )}
    </section>
  )
}

function OwnControls({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { own, state } = model.room
  const { microphone, camera } = useValue(own.state)
  const any = usePart(state, (room) => room.may.publish.length > 0)
  const speak = usePart(state, (room) => maySend(room).includes('microphone'))
  const show = usePart(state, (room) => maySend(room).includes('camera'))
  if (!any) return null
  return (
    <>
      <Control
        icon={microphone ? 'mic' : 'mic-off'}
        name={t('devices.microphone')}
        letter="M"
        on={microphone}
        barred={speak ? undefined : t('room.rights.noSpeak')}
        act={() => own.setMicrophone(!microphone)}
      />
      <Control
        icon={camera ? 'video' : 'video-off'}
        name={t('devices.camera')}
        letter="V"
        on={camera}
        barred={show ? undefined : t('room.rights.noShow')}
        act={() => own.setCamera(!camera)}
      />
    </>
  )
}

/** What may be put on the stage for all, in a menu of its own. */
function ShowControl({ model, roomId }: { model: RoomModel; roomId: string | undefined }) {
  const { t } = useTranslation()
  const deeds = useShowDeeds(model, roomId)
  if (deeds.length === 0) return null
  return (
    <More deeds={deeds} className={`${classes.control} ${classes.roomy}`}>
      <span className={classes.icon}>
        <Icon name="presentation" size={24} />
      </span>
      <span className={classes.word}>{t('board.show')}</span>
    </More>
  )
}

function useScreen(model: RoomModel) {
  const { own, state } = model.room
  const screen = usePart(own.state, (all) => all.screen)
  const may = usePart(state, (room) => maySend(room).includes('screen'))
  const possible = 'getDisplayMedia' in (navigator.mediaDevices ?? {})
  const turn = () => (screen ? own.stopScreen() : void own.shareScreen())
  return { screen, possible: possible && may, turn }
}

function ScreenControl({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { screen, possible, turn } = useScreen(model)
  if (!possible) return null
  return (
    <Control
      icon="monitor-up"
      name={t('room.screen')}
      kind={classes.roomy}
      on={screen}
      act={turn}
    />
  )
}

/** One's own hand; for who leads, the hands of all. */
function HandControl({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { state } = model.room
  const lead = usePart(state, leads)
  const raised = usePart(state, (room) => (myself(room)?.hand_at ?? null) !== null)
  const calls = usePart(
    state,
    (room) =>
      room.participants.filter(({ hand_at }) => hand_at !== null).length + room.inLobby.length,
  )
  const people = usePart(model.layout, ({ panel }) => panel === 'people')
  if (!lead) {
    const act = () => void attempt(model.turnHand())
    return <Control icon="hand" name={t('room.hand.own')} letter="H" on={raised} act={act} />
  }
  return (
    <Control
      icon="hand"
      name={t('room.hand.all')}
      letter="H"
      on={people}
      act={() => model.toggle('people')}
      badge={
        calls > 0 && (
          <span className="count" data-calls={calls}>
            {calls}
          </span>
        )
      }
    />
  )
}

function PanelControls({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const panel = usePart(model.layout, (layout) => layout.panel)
  const lead = usePart(model.room.state, leads)
  const unread = useValue(model.chat.unread)
  return (
    <>
      <Control
        icon="message-square"
        name={t('room.chat')}
        letter="C"
        on={panel === 'chat'}
        act={() => model.toggle('chat')}
        badge={
          unread > 0 && (
            <span className="count" data-unread={unread}>
              {unread}
              <span className="vh"> {t('room.unread', { count: unread })}</span>
            </span>
          )
        }
      />
      {lead ? (
        <Control
          icon="sliders"
          name={t('room.leading')}
          kind={classes.roomy}
          on={panel === 'lead'}
          act={() => model.toggle('lead')}
        />
      ) : (
        <Control
          icon="users"
          name={t('room.participants')}
          kind={classes.roomy}
          on={panel === 'people'}
          act={() => model.toggle('people')}
        />
      )}
    </>
  )
}

function MoreControls(props: {
  visit: LessonVisit
  model: RoomModel
  open: (dialog: WindowName) => void
  captions: () => void
}) {
  const { t } = useTranslation()
  const { visit, model, open, captions } = props
  const view = usePart(model.layout, (layout) => layout.view)
  const lead = usePart(model.room.state, leads)
  const lesson = useValue(visit.lesson)
  const { screen, possible, turn } = useScreen(model)
  const other = view === 'grid' ? 'speaker' : 'grid'
  const deeds: Deed[] = [
    {
      icon: other === 'grid' ? 'layout-grid' : 'presentation',
      name: t(`room.view.${other}`),
      letter: 'G',
      act: () => model.setView(other),
    },
    { icon: 'eye', name: t('room.seeing.title'), act: () => open('seeing') },
    { icon: 'captions', name: t('captions.title'), act: captions },
    { icon: 'users', name: t('room.participants'), act: () => model.show('people') },
  ]
  if (lead) deeds.push({ icon: 'sliders', name: t('room.leading'), act: () => model.show('lead') })
  if (possible) {
    const name = t(screen ? 'room.screenStop' : 'room.screen')
    deeds.push({ icon: 'monitor-up', name, act: turn })
  }
  if (lesson?.my_part === 'lead') {
    const act = () => void copyLink(lesson.id, t('lesson.linkCopied'))
    deeds.push({ icon: 'link', name: t('lesson.copyLink'), act })
  }
  deeds.push(...useShowDeeds(model, lesson?.room_id))
  deeds.push({ icon: 'settings', name: t('nav.settings'), act: () => open('settings') })
  const reactions = REACTIONS.map((kind) => ({
    kind,
    face: FACES[kind]!,
    name: t(`room.reaction.${kind}`),
    act: () => void attempt(model.room.lead.react(kind)),
  }))
  return (
    <More deeds={deeds} reactions={reactions} className={classes.control}>
      <span className={classes.icon}>
        <Icon name="ellipsis" size={24} />
      </span>
      <span className={classes.word}>{t('room.more')}</span>
    </More>
  )
}

function Control(props: {
  icon: IconName
  name: string
  act: () => void
  on?: boolean
  letter?: string
  kind?: string
  badge?: ReactNode
  /** Why it cannot be done now. */
  barred?: string
}) {
  const letters = useValue(useServices().preferences.letterKeys)
  const { icon, name, act, on, letter, kind = '', badge, barred } = props
  return (
    <button
      type="button"
      className={`${classes.control} ${kind}`}
      aria-pressed={on}
      aria-keyshortcuts={letters ? letter : undefined}
      aria-disabled={barred ? true : undefined}
      title={barred}
      onClick={barred ? undefined : act}
    >
      <span className={classes.icon}>
        <Icon name={icon} size={24} />
        {badge}
      </span>
      <span className={classes.word}>
        {name}
        {letter && letters && (
          <kbd className="kbd" aria-hidden="true">
            {letter}
          </kbd>
        )}
      </span>
      {barred && <span className="vh">{barred}</span>}
    </button>
  )
}
