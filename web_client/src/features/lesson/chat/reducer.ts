import type { ChatRule, Fact, MessageView, ReactionView } from '../../../api/types'

export interface Chat {
  /** Oldest first. */
  messages: readonly MessageView[]
  /** Where an older page begins, or null when there is none. */
  earlier: string | null
  /** Who may write. */
  rule: ChatRule
  /** Whether one leads the lesson. */
  leads: boolean
}

export const REACTIONS: readonly ReactionView['kind'][] = [
  'like',
  'love',
  'laugh',
  'wow',
  'clap',
  'question',
]

/** Topics `room:…`, `leaders:…` and `private:…`: messages as they are posted, answered, taken back. */
export function reduceChat(chat: Chat, fact: Fact, me = ''): Chat {
  switch (fact.name) {
    case 'messages.message_posted':
      return withPosted(chat, fact)
    case 'messages.message_told':
    case 'messages.leaders_told':
    case 'messages.learner_told':
      return withMessage(chat, fact.body.message as unknown as MessageView)
    case 'messages.message_reacted': {
      const { message_id, person_id, kind, on, counts } = fact.body
      return changed(chat, message_id, (message) => {
        const mine = new Set<string>(
          message.reactions.filter((one) => one.mine).map((one) => one.kind),
        )
        if (person_id === me) mine[on ? 'add' : 'delete'](kind)
        const reactions = REACTIONS.filter((one) => one in counts).map((one) => ({
          kind: one,
          count: counts[one]!,
          mine: mine.has(one),
        }))
        return { ...message, reactions }
      })
    }
    case 'messages.rule_changed':
      return { ...chat, rule: fact.body.rule as ChatRule }
    default:
      return chat
  }
}

/** Puts an older page before what is known. */
export function withEarlier(
  chat: Chat,
  older: readonly MessageView[],
  earlier: string | null,
): Chat {
  const known = new Set(chat.messages.map(({ id }) => id))
  const fresh = older.filter(({ id }) => !known.has(id))
  return { ...chat, messages: [...fresh, ...chat.messages], earlier }
}

/** A message as it is now; a new one at its place: ids grow. */
export function withMessage(chat: Chat, message: MessageView): Chat {
  if (chat.messages.some(({ id }) => id === message.id)) {
    return changed(chat, message.id, () => message)
  }
  const later = chat.messages.filter(({ id }) => id > message.id)
  const before = chat.messages.slice(0, chat.messages.length - later.length)
  return { ...chat, messages: [...before, message, ...later] }
}

/** Both talks in one, in the order in which they were written: ids grow. */
export function together(
  open: readonly MessageView[],
  aside: readonly MessageView[],
): readonly MessageView[] {
  if (aside.length === 0) return open
  const each = new Map([...open, ...aside].map((one) => [one.id, one]))
  return [...each.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
}

function withPosted(chat: Chat, fact: Extract<Fact, { name: 'messages.message_posted' }>): Chat {
  const { message_id, room_id, author_id, author_name, text, sent_at } = fact.body
  if (chat.messages.some(({ id }) => id === message_id)) return chat
  const message: MessageView = {
    id: message_id,
    room_id,
    author: { id: author_id, name: author_name },
    text,
    sent_at,
    reply_to: null,
    files: [],
    reactions: [],
    private_with: null,
    place: null,
    to_all: false,
    deleted: false,
  }
  return { ...chat, messages: [...chat.messages, message] }
}

function changed(chat: Chat, id: string, how: (message: MessageView) => MessageView): Chat {
  return { ...chat, messages: chat.messages.map((one) => (one.id === id ? how(one) : one)) }
}
