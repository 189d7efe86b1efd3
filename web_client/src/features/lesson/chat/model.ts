import type { Api } from '../../../api/client'
import { follow, type Follower, type Synced } from '../../../api/events'
import type { Link } from '../../../api/link'
import type { ChatRule, FileView, MessageView, ReactionView } from '../../../api/types'
import { type Clock, systemClock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { type Chat, reduceChat, together, withEarlier, withMessage } from './reducer'

export interface Draft {
  text: string
  busy: boolean
  error: unknown
  /** What it answers. */
  reply: MessageView | null
  /** Only for who leads the lesson and one learner: `to`, where one leads oneself. */
  aside: boolean
  to: { id: string; name: string } | null
  /** For every breakout. */
  toAll: boolean
  files: readonly FileView[]
  /** Files on their way. */
  sending: number
}

const EMPTY: Draft = {
  text: '',
  busy: false,
  error: null,
  reply: null,
  aside: false,
  to: null,
  toAll: false,
  files: [],
  sending: 0,
}
export const MOST_FILES = 10

/** Where a talk is read: a page, the newest or the one before a message. */
export type Pages = (before?: string) => Promise<{
  position: number
  room_id?: string
  items: MessageView[]
  earlier: string | null
  rule: ChatRule
  leads: boolean
  may_write?: boolean
  place?: string
}>

/** What one has in the room: the breakout, the right to write, the lead. */
export interface Standing {
  place: string
  mayWrite: boolean
  leads: boolean
}

/** How often a page is asked for until it says the same as the room, and how long between. */
const TRIES = 6
const TRY_AGAIN_MS = 400

/** The talk of one room, or of a course. What is sent appears when the room tells it; what is typed is never lost. */
export class ChatModel {
  private readonly follower: Follower<Chat>
  private readonly aside: Follower<Chat> | null
  private readonly chatCell = new Cell<Synced<Chat>>({ phase: 'loading' })
  private readonly draftCell = new Cell<Draft>(EMPTY)
  private readonly unreadCell = new Cell(0)
  private readonly newestCell = new Cell<MessageView | null>(null)
  private readonly placeCell = new Cell('main')
  private readonly mayWriteCell = new Cell(true)
  private standing: Standing | null = null
  private open = false
  private known: ReadonlySet<string> | null = null
  private lastKnown = ''
  private readingEarlier = false

  constructor(
    scope: Scope,
    private readonly api: Api,
    link: Link,
    private roomId: string,
    private readonly me: string,
    private readonly pages: Pages = (before) => api.messages(roomId, before),
    private readonly clock: Clock = systemClock,
  ) {
    this.follower = follow<Chat>(scope, link, {
      snapshot: async () => {
        const page = await this.pages()
        const { position, items, earlier, rule, leads, room_id } = page
        this.roomId = room_id ?? this.roomId
        if (!this.standing) this.mayWriteCell.set(page.may_write ?? true)
        const state = { messages: items, earlier, rule, leads }
        return { topic: `room:${this.roomId}`, position, state }
      },
      reduce: (chat, fact) => reduceChat(chat, fact, me),
    })
    this.aside = roomId ? this.followAside(scope, link) : null
    for (const one of [this.follower, this.aside]) {
      if (one) scope.onEnd(one.value.watch(() => this.changed()))
    }
    this.changed()
  }

  get chat(): Value<Synced<Chat>> {
    return this.chatCell
  }

  get draft(): Value<Draft> {
    return this.draftCell
  }

  /** Messages of others that came while the chat was not looked at. */
  get unread(): Value<number> {
    return this.unreadCell
  }

  /** The last message of another that came while we are here, to be read aloud. */
  get newest(): Value<MessageView | null> {
    return this.newestCell
  }

  /** The breakout one is in, or `main`. */
  get place(): Value<string> {
    return this.placeCell
  }

  isMine(message: MessageView): boolean {
    return message.author.id === this.me
  }

  setOpen(open: boolean): void {
    this.open = open
    if (open) this.unreadCell.set(0)
  }

  /** Whether one may write to all. */
  get mayWrite(): Value<boolean> {
    return this.mayWriteCell
  }

  /** What the room says of oneself. */
  stand(now: Standing): void {
    const { standing } = this
    this.standing = now
    this.placeCell.set(now.place)
    this.mayWriteCell.set(now.mayWrite || now.leads)
    if (standing?.leads === now.leads && standing.place === now.place) return
    if (standing && standing.leads !== now.leads) void this.aside?.reload()
    if (standing || now.place !== 'main') void this.refresh()
  }

  /** A message of the breakout one is in; told once and never again. */
  hear(message: MessageView): void {
    this.follower.change((chat) => withMessage(chat, message))
  }

  /** What was written in a breakout is on no topic of learners: after a move, or a while away, it is read. */
  async refresh(): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { standing } = this
      try {
        const page = await this.pages()
        if (standing !== this.standing) return
        this.follower.change((chat) => {
          const { leads, rule } = page
          return { ...page.items.reduce(withMessage, chat), leads, rule, earlier: chat.earlier }
        })
        if (!standing || (page.leads === standing.leads && page.place === standing.place)) return
      } catch {
        return
      }
      await new Promise<void>((next) => this.clock.after(TRY_AGAIN_MS, next))
    }
  }

  type(text: string): void {
    this.draftCell.update((draft) => ({ ...draft, text, error: null }))
  }

  /** To whom, and as an answer to what, the next message goes. */
  address(part: Partial<Pick<Draft, 'reply' | 'aside' | 'to' | 'toAll'>>): void {
    this.draftCell.update((draft) => ({ ...draft, ...part, error: null }))
  }

  /** `alone`: to who leads only, also where one did not choose that. */
  async send(alone = false): Promise<void> {
    const { text, busy, reply, aside, to, toAll, files, sending } = this.draftCell.get()
    if (busy || sending > 0 || (!text.trim() && files.length === 0)) return
    this.draftCell.update((draft) => ({ ...draft, busy: true, error: null }))
    const place = this.placeCell.get()
    try {
      await this.api.postMessage(this.roomId, {
        text: text.trim(),
        reply_to: reply?.id ?? null,
        file_ids: files.map(({ id }) => id),
        private: aside || alone,
        to: to?.id ?? null,
        to_all: toAll,
        place: place === 'main' ? null : place,
      })
      // Typing may have gone on meanwhile: only what was sent is taken away.
      this.draftCell.update((draft) => ({
        ...EMPTY,
        aside,
        to,
        sending: draft.sending,
        files: draft.files.filter((one) => !files.includes(one)),
        text: draft.text === text ? '' : draft.text,
      }))
    } catch (error) {
      this.draftCell.update((draft) => ({ ...draft, busy: false, error }))
    }
  }

  /** Sends files ahead; they go with the next message. */
  async attach(files: readonly File[]): Promise<void> {
    const room = MOST_FILES - this.draftCell.get().files.length
    for (const file of files.slice(0, Math.max(0, room))) await this.attachOne(file)
  }

  detach(id: string): void {
    this.draftCell.update((draft) => ({
      ...draft,
      files: draft.files.filter((one) => one.id !== id),
    }))
  }

  /** Where a file lies now; throws a refusal. */
  async fileUrl(id: string): Promise<string> {
    return (await this.api.fileLink(id)).url
  }

  /** Throws a refusal. */
  async react(message: MessageView, kind: ReactionView['kind']): Promise<void> {
    const on = !message.reactions.some((one) => one.kind === kind && one.mine)
    const view = await this.api.reactToMessage(message.room_id, message.id, { kind, on })
    this.follower.change((chat) => withMessage(chat, view))
  }

  /** Throws a refusal. */
  async takeBack(message: MessageView): Promise<void> {
    const view = await this.api.deleteMessage(message.room_id, message.id)
    const follower = message.private_with ? this.aside : this.follower
    follower?.change((chat) => withMessage(chat, view))
  }

  /** Throws a refusal. */
  async setRule(rule: ChatRule): Promise<void> {
    await this.api.setChatRule(this.roomId, rule)
  }

  async readEarlier(): Promise<void> {
    const synced = this.follower.value.get()
    if (this.readingEarlier || synced.phase !== 'ready' || !synced.state.earlier) return
    this.readingEarlier = true
    try {
      const page = await this.pages(synced.state.earlier)
      this.follower.change((chat) => withEarlier(chat, page.items, page.earlier))
    } catch (error) {
      this.draftCell.update((draft) => ({ ...draft, error }))
    } finally {
      this.readingEarlier = false
    }
  }

  retry(): void {
    void this.follower.reload()
  }

  private followAside(scope: Scope, link: Link): Follower<Chat> {
    return follow<Chat>(scope, link, {
      snapshot: async () => {
        const { position, items, earlier, rule, leads } = await this.api.privateMessages(this.roomId)
        const topic = leads ? `leaders:${this.roomId}` : `private:${this.roomId}:${this.me}`
        return { topic, position, state: { messages: items, earlier, rule, leads } }
      },
      reduce: (chat, fact) => reduceChat(chat, fact, this.me),
    })
  }

  private async attachOne(file: File): Promise<void> {
    this.draftCell.update((draft) => ({ ...draft, sending: draft.sending + 1, error: null }))
    try {
      const { id, name, type, bytes } = await this.api.uploadFile(this.roomId, file)
      const sent = { id, name, type, bytes }
      this.draftCell.update((draft) => ({ ...draft, files: [...draft.files, sent] }))
    } catch (error) {
      this.draftCell.update((draft) => ({ ...draft, error }))
    } finally {
      this.draftCell.update((draft) => ({ ...draft, sending: draft.sending - 1 }))
    }
  }

  private changed(): void {
    const synced = this.follower.value.get()
    const aside = this.aside?.value.get()
    if (synced.phase !== 'ready') {
      this.chatCell.set(synced)
      return
    }
    const more = aside?.phase === 'ready' ? aside.state.messages : []
    const state = { ...synced.state, messages: together(synced.state.messages, more) }
    this.chatCell.set({ phase: 'ready', state })
    if (this.aside && aside?.phase === 'loading') return
    this.count(state.messages)
  }

  /** New is what is not known and younger than all that is: older pages come in front. */
  private count(messages: readonly MessageView[]): void {
    const { known, lastKnown } = this
    this.known = new Set(messages.map(({ id }) => id))
    this.lastKnown = messages.at(-1)?.id ?? ''
    if (!known) return
    const fresh = messages.filter(
      (one) => !known.has(one.id) && one.id > lastKnown && !this.isMine(one),
    )
    const newest = fresh.at(-1)
    if (!newest) return
    this.newestCell.set(newest)
    if (!this.open) this.unreadCell.update((count) => count + fresh.length)
  }
}
