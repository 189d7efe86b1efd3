import { type Clock, systemClock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import type { Room } from '../../../media/room'
import { leads, myself } from '../../../media/roomState'
import type { Saving } from '../../../media/watching'
import type { ChatModel } from '../chat/model'
import { announce, type Announcement } from './announcer'
import { Floating } from './floating'
import { Hints } from './hints'
import { speakerOf, type View } from './layout'

export type PanelName = 'chat' | 'people' | 'polls' | 'notes' | 'lead'

/** How a person looks at a room. Kept over a reload. */
export interface Layout {
  view: View
  panel: PanelName | null
  pinned: string | null
  /** Only those with a picture are shown. */
  bright: boolean
  /** Faces on a page of the grid at the most. */
  tiles: number
  saving: Saving
}

export const USUAL: Layout = {
  view: 'speaker',
  panel: 'chat',
  pinned: null,
  bright: false,
  tiles: 9,
  saving: 'all',
}

/** Where the layout is kept. */
export interface LayoutKeeper {
  read(): Layout | null
  write(layout: Layout): void
}

/** How a person looks at a room: view, panel, who is pinned, which keys act. */
export class RoomModel {
  readonly speaker: Value<string>
  readonly announcement: Value<Announcement>
  readonly hints: Hints
  readonly floating: Floating
  private readonly layoutCell: Cell<Layout>
  /** Since when a participant has been cut off, by id. */
  private readonly cutSince = new Map<string, number>()

  constructor(
    scope: Scope,
    clock: Clock,
    readonly room: Room,
    readonly chat: ChatModel,
    private readonly letterKeys: Value<boolean>,
    private readonly keeper: LayoutKeeper = { read: () => null, write: () => undefined },
  ) {
    this.layoutCell = new Cell({ ...USUAL, ...keeper.read() })
    this.speaker = speakerOf(scope, clock, room.state)
    this.announcement = announce(scope, room.state, chat)
    this.standInChat(scope)
    this.hints = new Hints(scope, clock, room)
    this.floating = new Floating(scope, (publication) => room.watching.keep(publication))
    room.watching.save(this.layoutCell.get().saving)
    chat.setOpen(this.layoutCell.get().panel === 'chat')
    scope.listen(document, 'keydown', (event) => this.press(event as KeyboardEvent))
    scope.onEnd(room.state.watch(() => this.noteCuts(clock)))
  }

  get layout(): Value<Layout> {
    return this.layoutCell
  }

  arrange(part: Partial<Layout>): void {
    this.layoutCell.update((layout) => ({ ...layout, ...part }))
    const layout = this.layoutCell.get()
    this.keeper.write(layout)
    this.chat.setOpen(layout.panel === 'chat')
    this.room.watching.save(layout.saving)
  }

  setView(view: View): void {
    this.arrange({ view })
  }

  /** Opens a panel, or closes it if it is the open one. */
  toggle(panel: PanelName): void {
    this.show(this.layoutCell.get().panel === panel ? null : panel)
  }

  show(panel: PanelName | null): void {
    this.arrange({ panel })
  }

  /** Keeps one face on the stage, or lets it go; the stage is then shown. */
  pin(participant: string): void {
    const { pinned, view } = this.layoutCell.get()
    this.arrange({
      pinned: pinned === participant ? null : participant,
      view: view === 'grid' ? 'speaker' : view,
    })
  }

  /** Raises one's hand, or takes it down. */
  async turnHand(): Promise<void> {
    const me = myself(this.room.state.get())
    if (me) await this.room.lead.raiseHand(me.hand_at === null)
  }

  /** When a participant's connection broke. */
  cutAt(participant: string): number {
    return this.cutSince.get(participant) ?? systemClock.now()
  }

  /** What the room says of oneself counts in its chat; what a breakout wrote while we were away is read. */
  private standInChat(scope: Scope): void {
    const { room, chat } = this
    const stand = () => {
      const state = room.state.get()
      const me = myself(state)
      if (me) chat.stand({ place: me.place, mayWrite: me.rights.write, leads: leads(state) })
    }
    scope.onEnd(room.state.watch(stand))
    stand()
    room.onHint(scope, (hint) => {
      if (hint.name === 'written') chat.hear(hint.body.message)
    })
    const back = () => {
      if (room.phase.get().name === 'in' && chat.place.get() !== 'main') void chat.refresh()
    }
    scope.onEnd(room.phase.watch(back))
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
    const state = this.room.state.get()
    switch (event.code) {
      case 'KeyM':
        return this.room.own.setMicrophone(!own.microphone)
      case 'KeyV':
        return this.room.own.setCamera(!own.camera)
      case 'KeyC':
        return this.toggle('chat')
      case 'KeyG':
        return this.setView(this.layoutCell.get().view === 'grid' ? 'speaker' : 'grid')
      case 'KeyH':
        if (leads(state)) return this.toggle('people')
        return void this.turnHand().catch(() => undefined)
    }
  }
}

/** A single letter acts only while nothing is typed into and no dialogue or menu is open. */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false
  const target = event.target instanceof Element ? event.target : null
  return !target?.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]')
}
