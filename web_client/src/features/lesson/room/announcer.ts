import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import type { RoomState } from '../../../media/roomState'
import type { ChatModel } from '../chat/model'

export interface Announcement {
  /** Changes with every announcement, so that equal sentences are read again. */
  turn: number
  key: 'cameIn' | 'wentOut' | 'wrote'
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
