import { type Clock, systemClock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import type { Room } from '../../../media/room'
import type { ChatModel } from '../chat/model'
import { announce, type Announcement } from './announcer'
import { speakerOf, type View } from './layout'

export type PanelName = 'chat' | 'people'

/** How a person looks at a room: view, panel, who is pinned, which keys act. */
export class RoomModel {
  readonly speaker: Value<string>
  readonly announcement: Value<Announcement>
  private readonly viewCell = new Cell<View>('speaker')
  private readonly panelCell = new Cell<PanelName | null>('chat')
  private readonly pinnedCell = new Cell<string | null>(null)
  /** Since when a participant has been cut off, by id. */
  private readonly cutSince = new Map<string, number>()

  constructor(
    scope: Scope,
    clock: Clock,
    readonly room: Room,
    readonly chat: ChatModel,
    private readonly letterKeys: Value<boolean>,
  ) {
    this.speaker = speakerOf(scope, clock, room.state)
    this.announcement = announce(scope, room.state, chat)
    chat.setOpen(true)
    scope.listen(document, 'keydown', (event) => this.press(event as KeyboardEvent))
    scope.onEnd(room.state.watch(() => this.noteCuts(clock)))
  }

  get view(): Value<View> {
    return this.viewCell
  }

  get panel(): Value<PanelName | null> {
    return this.panelCell
  }

  get pinned(): Value<string | null> {
    return this.pinnedCell
  }

  setView(view: View): void {
    this.viewCell.set(view)
  }

  /** Opens a panel, or closes it if it is the open one. */
  toggle(panel: PanelName): void {
    this.show(this.panelCell.get() === panel ? null : panel)
  }

  show(panel: PanelName | null): void {
    this.panelCell.set(panel)
    this.chat.setOpen(panel === 'chat')
  }

  /** Keeps one face on the stage, or lets it go; the stage is then shown. */
  pin(participant: string): void {
    this.pinnedCell.update((pinned) => (pinned === participant ? null : participant))
    this.viewCell.set('speaker')
  }

  /** When a participant's connection broke. */
  cutAt(participant: string): number {
    return this.cutSince.get(participant) ?? systemClock.now()
  }

  private noteCuts(clock: Clock): void {
    for (const { id, connected } of this.room.state.get().participants) {
      if (connected) this.cutSince.delete(id)
      else if (!this.cutSince.has(id)) this.cutSince.set(id, clock.now())
    }
  }

  private press(event: KeyboardEvent): void {
    if (!this.letterKeys.get() || !isCommand(event)) return
    const own = this.room.own.state.get()
    switch (event.code) {
      case 'KeyM':
        return this.room.own.setMicrophone(!own.microphone)
      case 'KeyV':
        return this.room.own.setCamera(!own.camera)
      case 'KeyC':
        return this.toggle('chat')
    }
  }
}

/** A single letter acts only while nothing is typed into and no dialogue or menu is open. */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false
  const target = event.target instanceof Element ? event.target : null
  return !target?.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]')
}
