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
export type FileView = Schemas['FileView']
export type ReactionView = Schemas['ReactionView']
export type ChatRule = Schemas['ChatRuleView']['rule']
export type ThreadView = Schemas['ThreadView']
export type PollView = Schemas['PollView']
export type PollAnswers = Schemas['Answers']
export type SetupState = Schemas['SetupState']
export type DemoPerson = Schemas['DemoPerson']
export type NewOrganisation = Omit<Schemas['SetUp'], 'language'>
export type OrganisationKind = Schemas['Kind']

export type Permission = Schemas['Permission']
export type Role = Schemas['Role']
export type Level = Schemas['Level']
export type OrganisationView = Schemas['OrganisationView']
export type OnRoll = Schemas['OnRoll']
export type PersonData = Schemas['PersonData']
export type Slip = Schemas['Slip']
export type GroupView = Schemas['GroupView']
export type GroupLine = Schemas['GroupLine']
export type CourseView = Schemas['CourseView']
export type SubjectView = Schemas['SubjectView']
export type HourOfWeek = Schemas['HourOfWeek']
export type PlannedLesson = Schemas['PlannedLesson']
export type Sheet = Schemas['Sheet']
export type ListKind = Sheet['kind']
export type Report = Schemas['Report']
export type Checked = Schemas['Checked']

export type Ways = Schemas['Ways']
export type Locks = Schemas['Locks']
export type FactorView = Schemas['FactorView']
export type LoginView = Schemas['LoginView']
export type DeviceView = Schemas['DeviceView']
export type MyLink = Schemas['MyLink']
export type TotpOffer = Schemas['TotpOffer']
export type MyLearner = Schemas['MyLearner']
export type PaperCode = Schemas['PaperCode']
export type LockRule = Schemas['SetRule']['second_factor']
export type AuditEntry = Schemas['AuditPage']['items'][number]

export type BoardView = Schemas['BoardView']

export type RecordingView = Schemas['RecordingView']
export type RecordedEvent = Schemas['EventView']
export type MyReminders = Schemas['MyReminders']
export type ReminderWish = Schemas['Wish']
export type PushRule = Schemas['PushRuleView']
export type ConsentView = Schemas['ConsentView']
export type Download = Schemas['Download']

export type LessonReport = Schemas['LessonReport']
export type ReportLine = Schemas['LineView']
export type ConsultationView = Schemas['ConsultationView']
export type OpenConsultations = Schemas['Opening']

export type Commands = Schemas['Commands']
export type Entered = Schemas['Entered']
export type ParticipantView = Schemas['ParticipantView']
export type PublicationView = Schemas['PublicationView']
export type Source = PublicationView['source']
export type Offer = Schemas['Offer']
export type OpenBreakouts = Schemas['OpenBreakouts']
/** A fleeting hint of a room. */
export type Signal = Schemas['Signal']

/** A durable fact. Positions grow within one stream and are never compared across streams. */
export type Fact = Omit<Schemas['Told'], 'name' | 'body'> & Schemas['Event']
