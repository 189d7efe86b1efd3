import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import { leads, myself } from '../../../media/roomState'
import { useLater } from '../../../ui/later'
import { Waiting } from '../../../ui/Waiting'
import { Chat } from '../chat/View'
import type { PollsModel } from '../polls/model'
import type { PanelName, RoomModel } from './model'
import classes from './Panel.module.css'

const Polls = lazy(() => import('../polls/View'))
const NotesPanel = lazy(() => import('../../board/NotesPanel'))
const forLeaders = () => import('./Lead')
const people = () => import('./People')
const People = lazy(() => people().then((found) => ({ default: found.People })))
const Lead = lazy(() => forLeaders().then((found) => ({ default: found.Lead })))

/** What stands beside the stage: each part has a tab. */
export function Panel(props: {
  model: RoomModel
  panel: PanelName
  roomId: string
  polls: PollsModel | undefined
  /** Called when one has started a recording. */
  recorded: () => void
}) {
  const { t } = useTranslation()
  const { model, roomId } = props
  const tabs = useRef<HTMLDivElement>(null)
  const { state } = model.room
  const lead = usePart(state, leads)
  useLater(people, ...(lead ? [forLeaders] : []))
  const place = usePart(state, (room) => myself(room)?.place ?? 'main')
  const count = usePart(state, ({ participants }) => participants.length)
  const waiting = usePart(state, ({ inLobby }) => inLobby.length)
  const parts: { name: PanelName; word: string; view: () => ReactNode; badge?: ReactNode }[] = [
    { name: 'chat', word: 'room.chat', view: () => <Chat chat={model.chat} place={place} /> },
    {
      name: 'people',
      word: 'room.participants',
      view: () => (
        <Suspense fallback={<Waiting>{t('lesson.loading')}</Waiting>}>
          <People model={model} />
        </Suspense>
      ),
      badge: <span className={`count ${waiting > 0 ? classes.calls : ''}`}>{count + waiting}</span>,
    },
  ]
  const { polls } = props
  if (polls) {
    const view = () => (
      <Suspense fallback={<Waiting>{t('polls.loading')}</Waiting>}>
        <Polls model={polls} />
      </Suspense>
    )
    parts.push({ name: 'polls', word: 'polls.title', view })
  }
  const notes = () => (
    <Suspense fallback={<Waiting>{t('board.opening')}</Waiting>}>
      <NotesPanel model={model} />
    </Suspense>
  )
  parts.push({ name: 'notes', word: 'board.notes', view: notes })
  if (lead) {
    const view = () => (
      <Suspense fallback={<Waiting>{t('lesson.loading')}</Waiting>}>
        <Lead model={model} roomId={roomId} recorded={props.recorded} />
      </Suspense>
    )
    parts.push({ name: 'lead', word: 'room.leading', view })
  }
  const open = parts.find(({ name }) => name === props.panel) ?? parts[0]!
  useEffect(() => {
    const tab = tabs.current?.querySelector(`[data-panel=${open.name}]`)
    tab?.scrollIntoView?.({ inline: 'nearest', block: 'nearest' })
  }, [open.name])
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const next = parts.at((parts.indexOf(open) + step) % parts.length)!
    model.show(next.name)
    tabs.current?.querySelector<HTMLElement>(`[data-panel=${next.name}]`)?.focus()
  }
  return (
    <aside className={classes.panel} aria-label={t('room.panel')}>
      <div className={classes.tabs} role="tablist" ref={tabs} onKeyDown={move}>
        {parts.map(({ name, word, badge }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            data-panel={name}
            aria-selected={open.name === name}
            aria-controls={open.name === name ? `panel-${name}` : undefined}
            tabIndex={open.name === name ? 0 : -1}
            onClick={() => model.show(name)}
          >
            {t(word)}
            {badge}
          </button>
        ))}
      </div>
      <div
        className={classes.body}
        role="tabpanel"
        id={`panel-${open.name}`}
        aria-labelledby={`tab-${open.name}`}
      >
        {open.view()}
      </div>
    </aside>
  )
}
