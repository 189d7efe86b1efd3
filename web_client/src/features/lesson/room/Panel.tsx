import { type KeyboardEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import { Chat } from '../chat/View'
import type { PanelName, RoomModel } from './model'
import { People } from './People'
import classes from './Panel.module.css'

const TABS: readonly PanelName[] = ['chat', 'people']

export function Panel({ model, panel }: { model: RoomModel; panel: PanelName }) {
  const { t } = useTranslation()
  const tabs = useRef<HTMLDivElement>(null)
  const { participants } = useValue(model.room.state)
  const move = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const other = TABS.find((name) => name !== panel)!
    model.show(other)
    tabs.current?.querySelector<HTMLElement>(`[data-panel=${other}]`)?.focus()
  }
  return (
    <aside className={classes.panel} aria-label={t('room.panel')}>
      <div className={classes.tabs} role="tablist" ref={tabs} onKeyDown={move}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            data-panel={name}
            aria-selected={panel === name}
            aria-controls={panel === name ? `panel-${name}` : undefined}
            tabIndex={panel === name ? 0 : -1}
            onClick={() => model.show(name)}
          >
            {t(`room.${name === 'chat' ? 'chat' : 'participants'}`)}
            {name === 'people' && <span className="count">{participants.length}</span>}
          </button>
        ))}
      </div>
      <div
        className={classes.body}
        role="tabpanel"
        id={`panel-${panel}`}
        aria-labelledby={`tab-${panel}`}
      >
        {panel === 'chat' ? <Chat chat={model.chat} /> : <People model={model} />}
      </div>
    </aside>
  )
}
