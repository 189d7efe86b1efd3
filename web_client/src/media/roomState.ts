import type { Entered, PublicationView, Signal, Source } from '../api/types'
import { ALL_RIGHTS, type Leading, MAIN, type Person, RIGHT_FOR, UNLED, type Waiting } from './told'

/** A room as the server tells it. Participants keep the order in which they came. */
export interface RoomState {
  version: number
  me: string
  /** Before the door: nobody sees us, and we see nobody, until we are admitted. */
  waiting: boolean
  may: Entered['may']
  participants: readonly Person[]
  publications: readonly PublicationView[]
  leading: Leading
  /** Who waits in the lobby, the first first; empty for who does not lead. */
  inLobby: readonly Waiting[]
  /** Who speaks now, loudest first. */
  speaking: readonly string[]
}

export const NOBODY: RoomState = {
  version: 0,
  me: '',
  waiting: false,
  may: { publish: [], moderate: false },
  participants: [],
  publications: [],
  leading: UNLED,
  inLobby: [],
  speaking: [],
}

export function entered(snapshot: Entered): RoomState {
  return {
    version: snapshot.version,
    me: snapshot.participant_id,
    waiting: snapshot.waiting,
    may: snapshot.may,
    participants: snapshot.participants,
    publications: snapshot.publications,
    leading: snapshot.leading,
    inLobby: snapshot.in_lobby,
    speaking: [],
  }
}

/** The room after a signal; `gap` when one before it was missed and the room must be read anew. */
export function applySignal(state: RoomState, signal: Signal): RoomState | 'gap' {
  if (signal.name === 'speaking') return { ...state, speaking: signal.body.participant_ids }
  if (signal.name === 'waiting_changed') return { ...state, inLobby: signal.body.waiting }
  if (!('version' in signal.body)) return state
  const { version } = signal.body
  if (version <= state.version) return state
  if (version !== state.version + 1) return 'gap'
  return { ...change(state, signal), version }
}

/** The newest publication of a participant from one source. */
export function publicationOf(
  state: RoomState,
  participant: string,
  source: Source,
): PublicationView | undefined {
  return state.publications.findLast(
    (publication) => publication.participant_id === participant && publication.source === source,
  )
}

export function personWith(state: RoomState, id: string | null): Person | undefined {
  return state.participants.find((person) => person.id === id)
}

/** Oneself; undefined before the door. */
export function myself(state: RoomState): Person | undefined {
  return personWith(state, state.me)
}

export function myPlace(state: RoomState): string {
  return myself(state)?.place ?? MAIN
}

/** Who is in the same room with us, breakouts taken apart. */
export function together(state: RoomState): readonly Person[] {
  const place = myPlace(state)
  if (state.participants.every((person) => person.place === place)) return state.participants
  return state.participants.filter((person) => person.place === place)
}

/** Whether one leads: by the grant, or made a second teacher for this lesson. */
export function leads(state: RoomState): boolean {
  return state.may.moderate || myself(state)?.second === true
}

/** What one may send now: what the grant allows, less what was taken. */
export function maySend(state: RoomState): readonly Source[] {
  const rights = myself(state)?.rights ?? ALL_RIGHTS
  return state.may.publish.filter((source) => leads(state) || rights[RIGHT_FOR[source]])
}

/** Raised hands, the longest first. */
export function raisedHands(state: RoomState): readonly Person[] {
  return state.participants
    .filter(({ hand_at }) => hand_at !== null)
    .sort((a, b) => a.hand_at! - b.hand_at!)
}

function change(state: RoomState, signal: Signal): RoomState {
  const { participants, publications } = state
  switch (signal.name) {
    case 'participant_entered':
    case 'participant_changed':
      return { ...state, participants: put(participants, signal.body.participant) }
    case 'participant_left': {
      const gone = signal.body.participant_id
      return {
        ...state,
        participants: participants.filter(({ id }) => id !== gone),
        publications: publications.filter(({ participant_id }) => participant_id !== gone),
        speaking: state.speaking.filter((id) => id !== gone),
      }
    }
    case 'publication_added':
    case 'publication_changed':
      return { ...state, publications: put(publications, signal.body.publication) }
    case 'publication_removed': {
      const gone = signal.body.publication_id
      return { ...state, publications: publications.filter(({ id }) => id !== gone) }
    }
    case 'publications_muted': {
      const ids = signal.body.publication_ids
      return { ...state, publications: changed(publications, ids, { muted: true }) }
    }
    case 'rights_changed': {
      const { participant_ids: ids, rights } = signal.body
      return { ...state, participants: changed(participants, ids, { rights }) }
    }
    case 'places_changed': {
      const { participant_ids: ids, place } = signal.body
      return { ...state, participants: changed(participants, ids, { place, help: false }) }
    }
    case 'hands_lowered': {
      const ids = signal.body.participant_ids
      return { ...state, participants: changed(participants, ids, { hand_at: null }) }
    }
    case 'leading_changed':
      return { ...state, leading: signal.body.leading }
    default:
      return state
  }
}

function changed<T extends { id: string }>(
  list: readonly T[],
  ids: readonly string[],
  part: Partial<T>,
): readonly T[] {
  return list.map((item) => (ids.includes(item.id) ? { ...item, ...part } : item))
}

/** In its place if it is known, else at the end. */
function put<T extends { id: string }>(list: readonly T[], item: T): readonly T[] {
  if (!list.some(({ id }) => id === item.id)) return [...list, item]
  return list.map((old) => (old.id === item.id ? item : old))
}
