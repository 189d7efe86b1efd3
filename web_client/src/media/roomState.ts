import type { Entered, ParticipantView, PublicationView, Signal, Source } from '../api/types'

/** A room as the server tells it. Participants keep the order in which they came. */
export interface RoomState {
  version: number
  me: string
  may: Entered['may']
  participants: readonly ParticipantView[]
  publications: readonly PublicationView[]
  /** Who speaks now, loudest first. */
  speaking: readonly string[]
}

export const NOBODY: RoomState = {
  version: 0,
  me: '',
  may: { publish: [], moderate: false },
  participants: [],
  publications: [],
  speaking: [],
}

export function entered(snapshot: Entered): RoomState {
  return {
    version: snapshot.version,
    me: snapshot.participant_id,
    may: snapshot.may,
    participants: snapshot.participants,
    publications: snapshot.publications,
    speaking: [],
  }
}

/** The room after a signal; `gap` when one before it was missed and the room must be read anew. */
export function applySignal(state: RoomState, signal: Signal): RoomState | 'gap' {
  if (signal.name === 'speaking') return { ...state, speaking: signal.body.participant_ids }
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
    default:
      return state
  }
}

/** In its place if it is known, else at the end. */
function put<T extends { id: string }>(list: readonly T[], item: T): readonly T[] {
  if (!list.some(({ id }) => id === item.id)) return [...list, item]
  return list.map((old) => (old.id === item.id ? item : old))
}
