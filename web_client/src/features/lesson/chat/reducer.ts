import type { Fact, MessageView } from '../../../api/types'

export interface Chat {
  /** Oldest first. */
  messages: readonly MessageView[]
  /** Where an older page begins, or null when there is none. */
  earlier: string | null
}

/** Topic `room:<room>`: messages as they are posted. */
export function reduceChat(chat: Chat, fact: Fact): Chat {
  if (fact.name !== 'messages.message_posted') return chat
  const { message_id, room_id, author_id, author_name, text, sent_at } = fact.body
  const author = { id: author_id, name: author_name }
  const message: MessageView = { id: message_id, room_id, author, text, sent_at }
  if (chat.messages.some(({ id }) => id === message.id)) return chat
  return { ...chat, messages: [...chat.messages, message] }
}

/** Puts an older page before what is known. */
export function withEarlier(
  chat: Chat,
  older: readonly MessageView[],
  earlier: string | null,
): Chat {
  const known = new Set(chat.messages.map(({ id }) => id))
  const fresh = older.filter(({ id }) => !known.has(id))
  return { messages: [...fresh, ...chat.messages], earlier }
}
