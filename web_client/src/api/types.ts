/** The shapes of the HTTP API and of the socket, in the words of the server. */

export type Language = 'kk' | 'ru' | 'en'
export type Names = Record<Language, string>

export interface RoleView {
  role: string
  organisation_id: string | null
  organisation: Names | null
  place: Names | null
}

export interface Me {
  id: string
  name: string
  login: string
  language: Language
  zone: string
  roles: RoleView[]
  may: string[]
  demo: boolean
}

export interface LessonView {
  id: string
  title: string
  subject: Names | null
  group: string
  starts_at: string
  ends_at: string
  state: 'planned' | 'open' | 'ended'
  teacher: { id: string; name: string }
  room_id: string
  organisation_id: string
  planned: boolean
  my_part: Part
  learners: number
}

export type Part = 'lead' | 'join' | 'see'

export interface Joined {
  room_id: string
  grant: string
  whip_url: string
  whep_url: string
  lesson: LessonView
  participant_id: string
}

export interface MessageView {
  id: string
  room_id: string
  author: { id: string; name: string }
  text: string
  sent_at: string
}

export interface SetupState {
  state: 'empty' | 'demo' | 'ready'
  demo_offered: boolean
  organisation: Names | null
  version: string
}

export interface DemoPerson {
  login: string
  name: string
  role: string
  place: Names
}

export type OrganisationKind = 'school' | 'college' | 'university'

export interface NewOrganisation {
  invitation: string
  kind: OrganisationKind
  names: Names
  admin: { family: string; given: string; login: string; password: string }
}

// ---- rooms, over the socket ------------------------------------------------------------------

export type Source = 'microphone' | 'camera' | 'screen' | 'screen_sound'

export interface ParticipantView {
  id: string
  person_id: string
  name: string
  role: Part
  connected: boolean
}

export interface PublicationView {
  id: string
  participant_id: string
  source: Source
  kind: 'audio' | 'video'
  muted: boolean
}

export interface Entered {
  room_id: string
  participant_id: string
  version: number
  may: { publish: Source[]; moderate: boolean }
  participants: ParticipantView[]
  publications: PublicationView[]
}

export type Signal =
  | { name: 'participant_entered'; body: { version: number; participant: ParticipantView } }
  | { name: 'participant_changed'; body: { version: number; participant: ParticipantView } }
  | { name: 'participant_left'; body: { version: number; participant_id: string } }
  | { name: 'publication_added'; body: { version: number; publication: PublicationView } }
  | { name: 'publication_changed'; body: { version: number; publication: PublicationView } }
  | { name: 'publication_removed'; body: { version: number; publication_id: string } }
  | { name: 'speaking'; body: { participant_ids: string[] } }
  | { name: 'offer'; body: Offer }
  | { name: 'transport_lost'; body: { transport_id: string } }
  | { name: 'replaced' | 'removed' | 'room_closed'; body: object }

export interface Offer {
  transport_id: string
  revision: number
  sdp: string
  streams: { mid: string; publication_id: string }[]
}

/** A durable fact. Positions grow within one stream and are never compared across streams. */
export interface Fact {
  stream: string
  position: number
  topic: string
  name: string
  at: string
  body: Record<string, unknown>
}
