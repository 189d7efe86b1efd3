import createClient from 'openapi-fetch'
import { type Refusal, refusalOf } from '../base/errors'
import { currentLanguage } from '../base/i18n'
import { aroundLessonsApi } from './after'
import { answer } from './answer'
import { boardsApi } from './boards'
import { locksApi } from './locks'
import { recordingsApi } from './recordings'
import { organisationsApi, schoolApi } from './school'
import { talkApi } from './talk'
import type { Language, LessonView, NewOrganisation, OpenBreakouts, paths } from './types'

/**
 * The HTTP API as functions. Each answers the body, or throws a `Refusal`. `refused` hears of what is forbidden,
 * `dated` when the server said so.
 */
export function createApi(
  baseUrl = '',
  fetcher: typeof fetch = (...args) => fetch(...args),
  refused: (no: Refusal) => void = () => undefined,
  dated: (date: string | null) => void = () => undefined,
) {
  const http = createClient<paths>({
    baseUrl,
    fetch: (request) => fetcher(request),
    credentials: 'same-origin',
    headers: { 'X-Sabaq': '1', Accept: 'application/json' },
  })
  http.use({
    async onResponse({ response }) {
      dated(response.headers.get('Date'))
      if (response.status !== 403) return
      const problem: unknown = await response.clone().json().catch(() => null)
      refused(refusalOf(problem, 403))
    },
  })
  const lesson = (lesson_id: string) => ({ params: { path: { lesson_id } } })
  const room = (room_id: string) => ({ path: { room_id } })

  return {
    /** For what only some pages ask, and bring along themselves: the first script stays small. */
    http,
    setup: () => answer(http.GET('/api/setup')),
    openDemo: () => answer(http.POST('/api/setup/demo', { body: {} })),
    enterDemo: (login: string) =>
      answer(http.POST('/api/setup/demo/enter', { body: { login, language: currentLanguage() } })),
    setUp: (body: NewOrganisation) =>
      answer(
        http.POST('/api/setup/organisation', { body: { ...body, language: currentLanguage() } }),
      ),

    logIn: (login: string, password: string) =>
      answer(http.POST('/api/log-in', { body: { login, password } })),
    logOut: () => answer(http.POST('/api/log-out', { body: {} })),
    logOutEverywhere: () => answer(http.POST('/api/log-out-everywhere', { body: {} })),
    me: () => answer(http.GET('/api/me')),
    speak: (language: Language) => answer(http.PATCH('/api/me', { body: { language } })),

    ...locksApi(http),
    ...aroundLessonsApi(http),

    lessons: () => answer(http.GET('/api/lessons')),
    startLesson: (title: string): Promise<LessonView> =>
      answer(http.POST('/api/lessons', { body: { title } })),
    lesson: (id: string) => answer(http.GET('/api/lessons/{lesson_id}', lesson(id))),
    joinLesson: (id: string) =>
      answer(http.POST('/api/lessons/{lesson_id}/join', { ...lesson(id), body: { consent: null } })),
    endLesson: (id: string) =>
      answer(http.POST('/api/lessons/{lesson_id}/end', { ...lesson(id), body: {} })),

    ...boardsApi(http, fetcher),
    ...recordingsApi(http),
    ...organisationsApi(http),
    /** What is kept of one organisation. */
    school: (organisation: string) => schoolApi(http, organisation),

    openBreakouts: (roomId: string, body: OpenBreakouts) =>
      answer(http.POST('/api/rooms/{room_id}/breakouts', { params: room(roomId), body })),
    closeBreakouts: (roomId: string) =>
      answer(
        http.POST('/api/rooms/{room_id}/breakouts/close', { params: room(roomId), body: {} }),
      ),
    startRecording: (roomId: string) =>
      answer(http.POST('/api/rooms/{room_id}/recording', { params: room(roomId), body: {} })),
    /** What begins now becomes a chapter of the recording. */
    markChapter: (roomId: string, title: string) =>
      answer(
        http.POST('/api/rooms/{room_id}/recording/chapters', { params: room(roomId), body: { title } }),
      ),
    stopRecording: (roomId: string) =>
      answer(http.POST('/api/rooms/{room_id}/recording/stop', { params: room(roomId), body: {} })),

    testConnection: (sdp: string) => answer(http.POST('/api/connection-test', { body: { sdp } })),

    ...talkApi(http),
  }
}

export type Api = ReturnType<typeof createApi>
