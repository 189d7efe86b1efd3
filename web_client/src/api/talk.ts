import type { Client } from 'openapi-fetch'
import { answer } from './answer'
import type { components, paths } from './schema'
import type { ReactionView } from './types'

type Http = Client<paths>
type Schemas = components['schemas']

export type PostMessage = Given<Partial<Schemas['PostMessage']>> & { text: string }
export type NewPoll = Given<Partial<Schemas['CreatePoll']>>
type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Chat, the talks of courses, and polls. */
export function talkApi(http: Http) {
  const room = (room_id: string) => ({ path: { room_id } })
  const message = (room_id: string, message_id: string) => ({ path: { room_id, message_id } })
  const poll = (poll_id: string) => ({ path: { poll_id } })
  const paged = (before?: string) => (before ? { before } : {})
  return {
    messages: (roomId: string, before?: string) =>
      answer(
        http.GET('/api/rooms/{room_id}/messages', {
          params: { ...room(roomId), query: paged(before) },
        }),
      ),
    privateMessages: (roomId: string) =>
      answer(http.GET('/api/rooms/{room_id}/private-messages', { params: room(roomId) })),
    postMessage: (roomId: string, body: PostMessage) =>
      answer(
        http.POST('/api/rooms/{room_id}/messages', {
          params: room(roomId),
          body: {
            file_ids: [],
            private: false,
            to_all: false,
            reply_to: null,
            to: null,
            place: null,
            ...body,
          },
        }),
      ),
    deleteMessage: (roomId: string, id: string) =>
      answer(
        http.DELETE('/api/rooms/{room_id}/messages/{message_id}', { params: message(roomId, id) }),
      ),
    reactToMessage: (roomId: string, id: string, body: { kind: ReactionView['kind']; on: boolean }) =>
      answer(
        http.POST('/api/rooms/{room_id}/messages/{message_id}/reactions', {
          params: message(roomId, id),
          body,
        }),
      ),
    setChatRule: (roomId: string, rule: Schemas['ChatRuleView']['rule']) =>
      answer(http.PUT('/api/rooms/{room_id}/chat', { params: room(roomId), body: { rule } })),
    threads: () => answer(http.GET('/api/threads')),
    thread: (course_id: string, before?: string) =>
      answer(
        http.GET('/api/courses/{course_id}/messages', {
          params: { path: { course_id }, query: paged(before) },
        }),
      ),

    polls: (roomId: string) =>
      answer(http.GET('/api/rooms/{room_id}/polls', { params: room(roomId) })),
    createPoll: (roomId: string, body: NewPoll) =>
      answer(
        http.POST('/api/rooms/{room_id}/polls', {
          params: room(roomId),
          body: {
            question: '',
            options: [],
            kind: 'single',
            anonymous: false,
            right: [],
            live: false,
            may_change: true,
            place: null,
            ...body,
          },
        }),
      ),
    vote: (id: string, choices: number[], text = '') =>
      answer(http.POST('/api/polls/{poll_id}/votes', { params: poll(id), body: { choices, text } })),
    closePoll: (id: string) =>
      answer(http.POST('/api/polls/{poll_id}/close', { params: poll(id), body: {} })),
    publishPoll: (id: string) =>
      answer(http.POST('/api/polls/{poll_id}/publish', { params: poll(id), body: {} })),
    pollAnswers: (id: string) =>
      answer(http.GET('/api/polls/{poll_id}/answers', { params: poll(id) })),
    pollTable: (id: string, format: 'csv' | 'xlsx', language: 'kk' | 'ru' | 'en') =>
      answer(
        http.GET('/api/polls/{poll_id}/table', {
          params: { ...poll(id), query: { format, language } },
        }),
      ),
  }
}
