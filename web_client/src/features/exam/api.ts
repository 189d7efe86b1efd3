import type { Client } from 'openapi-fetch'
import { answer } from '../../api/answer'
import type { components, paths } from '../../api/schema'
import { Refusal, refusalOf, unreachable } from '../../base/errors'
import { sentName } from '../../base/fileName'
import type { SittingView } from './shapes'

type Schemas = components['schemas']
type Language = SittingView['language']

/** A line that says nothing for so long is cut: what was asked is asked again. */
const WITHIN = 8_000
const FILE_WITHIN = 300_000

const TRIES = 6

/** Where all begin in one moment some are told that too much is asked: they ask again, each at a moment of its own. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'busy' || turn === TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, 1000 * (0.5 + Math.random() * turn)))
    }
  }
}

/** What a learner asks about exams. Each throws a `Refusal`. */
export function examApi(http: Client<paths>, fetcher: typeof fetch = (...args) => fetch(...args)) {
  const sitting = (sitting_id: string) => ({ params: { path: { sitting_id } }, signal: AbortSignal.timeout(WITHIN) })
  const shown = (asked: Promise<Schemas['SittingView']>) => asked as unknown as Promise<SittingView>
  return {
    exams: (after?: string) => answer(http.GET('/api/exams', { params: { query: after ? { after } : {} } })),
    entry: (exam_id: string) => answer(http.GET('/api/exams/{exam_id}/entry', { params: { path: { exam_id } } })),
    start: (exam_id: string, body: { device: string; language: Language | null; bring: boolean }) =>
      patiently(() => shown(answer(http.POST('/api/exams/{exam_id}/sittings', { params: { path: { exam_id } }, body })))),
    read: (id: string, device: string) =>
      shown(
        answer(
          http.GET('/api/sittings/{sitting_id}', {
            params: { path: { sitting_id: id }, query: { device } },
            signal: AbortSignal.timeout(WITHIN),
          }),
        ),
      ),
    answer: (id: string, body: Schemas['AnswerData']) =>
      answer(http.POST('/api/sittings/{sitting_id}/answers', { ...sitting(id), body })),
    beat: (id: string, device: string) =>
      answer(http.POST('/api/sittings/{sitting_id}/beat', { ...sitting(id), body: { device } })),
    bring: (id: string, device: string) =>
      shown(answer(http.POST('/api/sittings/{sitting_id}/bring', { ...sitting(id), body: { device } }))),
    turn: (id: string, device: string, leaves: number) =>
      shown(answer(http.POST('/api/sittings/{sitting_id}/turn', { ...sitting(id), body: { device, leaves } }))),
    handIn: (id: string, device: string) =>
      shown(answer(http.POST('/api/sittings/{sitting_id}/hand-in', { ...sitting(id), body: { device } }))),
    speak: (id: string, device: string, language: Language) =>
      shown(answer(http.PUT('/api/sittings/{sitting_id}/language', { ...sitting(id), body: { device, language } }))),
    moves: (id: string) => answer(http.GET('/api/sittings/{sitting_id}/moves', sitting(id))),
    /** A file of an answer, before the answer that names it. */
    addFile: async (id: string, place: number, name: string, file: Blob): Promise<void> => {
      const query = new URLSearchParams({ place: String(place), name: sentName(name) })
      const response = await fetcher(`/api/sittings/${id}/files?${query}`, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'X-Sabaq': '1', 'Content-Type': file.type || 'application/octet-stream' },
        body: file,
        signal: AbortSignal.timeout(FILE_WITHIN),
      }).catch(() => {
        throw unreachable()
      })
      if (!response.ok) throw refusalOf(await response.json().catch(() => null), response.status)
    },
  }
}

export type ExamApi = ReturnType<typeof examApi>
