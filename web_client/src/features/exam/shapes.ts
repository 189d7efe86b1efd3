import type { components } from '../../api/schema'
import type { Answer, Shown } from '../questions/shapes'

type Schemas = components['schemas']

/** The server names questions and answers as plain JSON: their shapes stand in `features/questions`. */
export type QuestionView = Omit<Schemas['QuestionView'], 'shown' | 'answer'> & { shown: Shown; answer: Answer | null }
export type SittingView = Omit<Schemas['SittingView'], 'questions'> & { questions: QuestionView[] }
export type BeatView = Schemas['BeatView']
export type LeftView = Schemas['LeftView']
export type State = SittingView['state']
export type ExamRow = Schemas['ExamRow']
export type EntryView = Schemas['ExamEntry']
export type MoveView = Schemas['MoveView']
