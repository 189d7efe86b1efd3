import type {
  DemoPerson,
  Joined,
  Language,
  LessonView,
  Me,
  MessageView,
  NewOrganisation,
  SetupState,
} from './types'

type Ok<T> = { 200: { headers: object; content: { 'application/json': T } } }
type Problem = { code: string; status: number; params?: Record<string, unknown> }
type Answers<T> = Ok<T> & {
  default: { headers: object; content: { 'application/problem+json': Problem } }
}
type Get<T, Path = undefined, Query = undefined> = {
  parameters: { path: Path; query?: Query }
  responses: Answers<T>
}
type Send<Body, T, Path = undefined> = {
  parameters: { path: Path }
  requestBody: { content: { 'application/json': Body } }
  responses: Answers<T>
}
type Empty = Record<string, never>

/** What openapi-fetch needs to know of each address. */
export interface paths {
  '/api/log-in': { post: Send<{ login: string; password: string }, { token: string; me: Me }> }
  '/api/log-out': { post: Send<Empty, Empty> }
  '/api/log-out-everywhere': { post: Send<Empty, Empty> }
  '/api/me': { get: Get<Me>; patch: Send<{ language: Language }, Me> }
  '/api/lessons': {
    get: Get<{ position: number; date: string; items: LessonView[] }, undefined, { date?: string }>
    post: Send<{ title: string }, LessonView>
  }
  '/api/lessons/{lesson_id}': {
    get: Get<{ position: number; lesson: LessonView }, { lesson_id: string }>
  }
  '/api/lessons/{lesson_id}/join': { post: Send<Empty, Joined, { lesson_id: string }> }
  '/api/lessons/{lesson_id}/end': { post: Send<Empty, LessonView, { lesson_id: string }> }
  '/api/rooms/{room_id}/messages': {
    get: Get<
      { position: number; items: MessageView[]; earlier: string | null },
      { room_id: string },
      { before?: string }
    >
    post: Send<{ text: string }, MessageView, { room_id: string }>
  }
  '/api/setup': { get: Get<SetupState> }
  '/api/setup/demo': { post: Send<Empty, { people: DemoPerson[] }> }
  '/api/setup/demo/enter': { post: Send<{ login: string }, { token: string; me: Me }> }
  '/api/setup/organisation': { post: Send<NewOrganisation, { token: string; me: Me }> }
}
