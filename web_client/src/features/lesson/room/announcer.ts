import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { leads, personWith, type RoomState } from '../../../media/roomState'
import type { ChatModel } from '../chat/model'

export interface Announcement {
  /** Changes with every announcement, so that equal sentences are read again. */
  turn: number
  key: 'cameIn' | 'wentOut' | 'wrote' | 'raised' | 'knocks'
  name: string
  text: string
}

const SILENCE: Announcement = { turn: 0, key: 'cameIn', name: '', text: '' }

/** What a person who does not see the page should hear: who came and went, what was written. */
export function announce(
  scope: Scope,
  room: Value<RoomState>,
  chat: ChatModel,
): Value<Announcement> {
  const cell = new Cell(SILENCE)
  const say = (key: Announcement['key'], name: string, text = '') =>
    cell.update(({ turn }) => ({ turn: turn + 1, key, name, text }))
  let before = room.get()
  scope.onEnd(
    room.watch(() => {
      const now = room.get()
      if (before.version > 0 && now.participants !== before.participants) {
        const ids = (state: RoomState) => new Set(state.participants.map(({ id }) => id))
        const [then, present] = [ids(before), ids(now)]
        const came = now.participants.filter(({ id }) => !then.has(id) && id !== now.me)
        const went = before.participants.filter(({ id }) => !present.has(id))
        for (const { name } of came) say('cameIn', name)
        for (const { name } of went) say('wentOut', name)
      }
      if (before.version > 0 && leads(now)) {
        for (const { id, name, hand_at } of now.participants) {
          if (hand_at !== null && personWith(before, id)?.hand_at === null) say('raised', name)
        }
        const known = new Set(before.inLobby.map(({ participant_id }) => participant_id))
        for (const { participant_id, name } of now.inLobby) {
          if (!known.has(participant_id)) say('knocks', name)
        }
      }
      before = now
    }),
  )
  scope.onEnd(
    chat.newest.watch(() => {
      const message = chat.newest.get()
      if (message) say('wrote', message.author.name, message.text)
    }),
  )
  return cell
}
