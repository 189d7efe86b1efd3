import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import { useServices } from '../../../services'
import { copyLink } from '../../../ui/CopyLink'
import { Icon } from '../../../ui/Icon'
import type { IconName } from '../../../ui/icons'
import type { LessonVisit } from '../model'
import { EndDialog, SettingsDialog } from './Dialogs'
import { More, type Deed } from './More'
import type { RoomModel } from './model'
import classes from './Controls.module.css'

type Dialog = 'end' | 'settings' | null

/** What one can do in a lesson. Leaving stands apart. */
export function Controls({ visit, model }: { visit: LessonVisit; model: RoomModel }) {
  const { t } = useTranslation()
  const [dialog, setDialog] = useState<Dialog>(null)
  const { may } = useValue(model.room.state)
  const leave = () => (may.moderate ? setDialog('end') : void visit.leave())
  return (
    <footer className={classes.bar} aria-label={t('room.controls')}>
      <div className={classes.group}>
        <OwnControls model={model} />
      </div>
      <div className={classes.group}>
        <ScreenControl model={model} />
        <PanelControls model={model} />
        <MoreControls visit={visit} model={model} open={setDialog} />
      </div>
      <div className={classes.group}>
        <Control icon="log-out" name={t('room.leave')} kind={classes.leave} act={leave} />
      </div>
      <EndDialog visit={visit} opened={dialog === 'end'} close={() => setDialog(null)} />
      <SettingsDialog
        devices={visit.devices}
        opened={dialog === 'settings'}
        close={() => setDialog(null)}
      />
    </footer>
  )
}

function OwnControls({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { own } = model.room
  const state = useValue(own.state)
  const { may } = useValue(model.room.state)
  if (may.publish.length === 0) return null
  return (
    <>
      <Control
        icon={state.microphone ? 'mic' : 'mic-off'}
        name={t('devices.microphone')}
        letter="M"
        on={state.microphone}
        act={() => own.setMicrophone(!state.microphone)}
      />
      <Control
        icon={state.camera ? 'video' : 'video-off'}
        name={t('devices.camera')}
        letter="V"
        on={state.camera}
        act={() => own.setCamera(!state.camera)}
      />
    </>
  )
}

function ScreenControl({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { own } = model.room
  const { screen } = useValue(own.state)
  const { may } = useValue(model.room.state)
  const possible = 'getDisplayMedia' in (navigator.mediaDevices ?? {})
  if (!possible || !may.publish.includes('screen')) return null
  return (
    <Control
      icon="monitor-up"
      name={t('room.screen')}
      on={screen}
      act={() => (screen ? own.stopScreen() : void own.shareScreen())}
    />
  )
}

function PanelControls({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const panel = useValue(model.panel)
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
      <Control
        icon="users"
        name={t('room.participants')}
        kind={classes.roomy}
        on={panel === 'people'}
        act={() => model.toggle('people')}
      />
    </>
  )
}

function MoreControls(props: {
  visit: LessonVisit
  model: RoomModel
  open: (dialog: Dialog) => void
}) {
  const { t } = useTranslation()
  const { visit, model, open } = props
  const view = useValue(model.view)
  const lesson = useValue(visit.lesson)
  const other = view === 'grid' ? 'speaker' : 'grid'
  const deeds: Deed[] = [
    {
      icon: other === 'grid' ? 'layout-grid' : 'presentation',
      name: t(`room.view.${other}`),
      act: () => model.setView(other),
    },
    { icon: 'users', name: t('room.participants'), act: () => model.show('people') },
  ]
  if (lesson?.my_part === 'lead') {
    const act = () => void copyLink(lesson.id, t('lesson.linkCopied'))
    deeds.push({ icon: 'link', name: t('lesson.copyLink'), act })
  }
  deeds.push({ icon: 'settings', name: t('nav.settings'), act: () => open('settings') })
  return (
    <More deeds={deeds} className={classes.control}>
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
}) {
  const letters = useValue(useServices().preferences.letterKeys)
  const { icon, name, act, on, letter, kind = '', badge } = props
  return (
    <button
      type="button"
      className={`${classes.control} ${kind}`}
      aria-pressed={on}
      aria-keyshortcuts={letters ? letter : undefined}
      onClick={act}
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
    </button>
  )
}
