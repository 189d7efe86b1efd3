import type { Entered, ParticipantView } from '../api/types'
import { ALL_RIGHTS, UNLED } from '../media/told'

/** Somebody in a room, as they come: with all rights, no hand raised. */
export const person = (id: string, part: Partial<ParticipantView> = {}): ParticipantView => ({
  id,
  person_id: id,
  name: id,
  role: 'join',
  connected: true,
  hand_at: null,
  rights: ALL_RIGHTS,
  place: 'main',
  help: false,
  recorded: false,
  second: false,
  ...part,
})

/** An empty room that `me` finds. */
export const found = (me: string, part: Partial<Entered> = {}): Entered => ({
  room_id: 'room_1',
  participant_id: me,
  version: 1,
  may: { publish: [], moderate: false },
  participants: [],
  publications: [],
  leading: UNLED,
  waiting: false,
  in_lobby: [],
  now: 0,
  ...part,
})
