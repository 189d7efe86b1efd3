import type { Client } from 'openapi-fetch'
import { answer } from '../../api/answer'
import type { components, paths } from '../../api/schema'
import type { Answer, Rich, Shown } from '../questions/shapes'

type Schemas = components['schemas']
type Key = Omit<Schemas['KeyShown'], 'answer' | 'sample' | 'general' | 'options'> & {
  answer: Answer | null
  sample: Rich | null
  general: Rich | null
  options: Record<string, Rich>
}
/** A question as it is told of after the release: as far as the exam's rules let the learner see it. */
export type ReviewQuestion = Omit<Schemas['ReviewQuestion'], 'shown' | 'answer' | 'key' | 'said'> & {
  shown: Shown | null
  answer: Answer | null
  key: Key | null
  said: Rich | null
}
export type ReviewView = Omit<Schemas['SittingReview'], 'questions'> & { questions: ReviewQuestion[] }

/** What is told of a sitting that is over, and the way to object. */
export function reviewApi(http: Client<paths>) {
  const sitting = (sitting_id: string) => ({ params: { path: { sitting_id } } })
  return {
    review: (id: string) =>
      answer(http.GET('/api/sittings/{sitting_id}/review', sitting(id))) as unknown as Promise<ReviewView>,
    appeal: (id: string, place: number | null, why: string) =>
      answer(http.POST('/api/sittings/{sitting_id}/appeal', { ...sitting(id), body: { place, why } })),
  }
}
