/** Short names for the shapes that the server describes; `npm run types` writes `schema.d.ts` anew. */
import type { components } from './schema'

type Schemas = components['schemas']

export type { paths } from './schema'

export type Names = Schemas['Names']
export type Me = Schemas['Me']
export type Language = Me['language']
export type LessonView = Schemas['LessonView']
export type Part = LessonView['my_part']
export type MessageView = Schemas['MessageView']
export type SetupState = Schemas['SetupState']
export type DemoPerson = Schemas['DemoPerson']
export type NewOrganisation = Omit<Schemas['SetUp'], 'language'>
export type OrganisationKind = Schemas['Kind']

export type Commands = Schemas['Commands']
export type Entered = Schemas['Entered']
export type ParticipantView = Schemas['ParticipantView']
export type PublicationView = Schemas['PublicationView']
export type Source = PublicationView['source']
export type Offer = Schemas['Offer']
/** A fleeting hint of a room. */
export type Signal = Schemas['Signal']

/** A durable fact. Positions grow within one stream and are never compared across streams. */
export type Fact = Omit<Schemas['Told'], 'name' | 'body'> & Schemas['Event']
