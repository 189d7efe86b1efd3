import type { Api } from '../../../api/client'
import { follow, type Follower, type Synced } from '../../../api/events'
import type { Link } from '../../../api/link'
import type { MessageView } from '../../../api/types'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { type Chat, reduceChat, withEarlier } from './reducer'

export interface Draft {
  text: string
  busy: boolean
  error: unknown
}

const EMPTY: Draft = { text: '', busy: false, error: null }

/** The talk of one room. What is sent appears when the room tells it; what is typed is never lost. */
export class ChatModel {
  private readonly follower: Follower<Chat>
  private readonly draftCell = new Cell<Draft>(EMPTY)
  private readonly unreadCell = new Cell(0)
  private readonly newestCell = new Cell<MessageView | null>(null)
  private open = false
  private lastKnown: string | null = null
  private begun = false
  private readingEarlier = false

  constructor(
    scope: Scope,
    private readonly api: Api,
    link: Link,
    private readonly roomId: string,
    private readonly me: string,
  ) {
    this.follower = follow(scope, link, {
      snapshot: async () => {
        const { position, items, earlier } = await api.messages(roomId)
        return { topic: `room:${roomId}`, position, state: { messages: items, earlier } }
      },
      reduce: reduceChat,
    })
    scope.onEnd(this.follower.value.watch(() => this.count()))
  }

  get chat(): Value<Synced<Chat>> {
    return this.follower.value
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

  isMine(message: MessageView): boolean {
    return message.author.id === this.me
  }

  setOpen(open: boolean): void {
    this.open = open
    if (open) this.unreadCell.set(0)
  }

  type(text: string): void {
    this.draftCell.update((draft) => ({ ...draft, text, error: null }))
  }

  async send(): Promise<void> {
    const { text, busy } = this.draftCell.get()
    if (busy || !text.trim()) return
    this.draftCell.set({ text, busy: true, error: null })
    try {
      await this.api.postMessage(this.roomId, text.trim())
      // Typing may have gone on meanwhile: only what was sent is taken away.
      this.draftCell.update((draft) => ({ ...EMPTY, text: draft.text === text ? '' : draft.text }))
    } catch (error) {
      this.draftCell.update((draft) => ({ ...draft, busy: false, error }))
    }
  }

  async readEarlier(): Promise<void> {
    const synced = this.follower.value.get()
    if (this.readingEarlier || synced.phase !== 'ready' || !synced.state.earlier) return
    this.readingEarlier = true
    try {
      const page = await this.api.messages(this.roomId, synced.state.earlier)
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

  /** Older pages come in front of what is known, so only what follows the last known one is new. */
  private count(): void {
    const synced = this.follower.value.get()
    if (synced.phase !== 'ready') return
    const { messages } = synced.state
    const place = messages.findIndex(({ id }) => id === this.lastKnown)
    const fresh = this.begun ? messages.slice(place + 1).filter((m) => !this.isMine(m)) : []
    this.begun = true
    this.lastKnown = messages.at(-1)?.id ?? null
    const newest = fresh.at(-1)
    if (!newest) return
    this.newestCell.set(newest)
    if (!this.open) this.unreadCell.update((count) => count + fresh.length)
  }
}
