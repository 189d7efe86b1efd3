import type { Client } from 'openapi-fetch'
import { answer } from './answer'
import type { paths } from './schema'
import type { RecordedEvent } from './types'

type Http = Client<paths>

/** What was recorded of lessons. */
export function recordingsApi(http: Http) {
  const path = (recording_id: string) => ({ path: { recording_id } })
  const events = (id: string, after?: number) =>
    answer(
      http.GET('/api/recordings/{recording_id}/events', {
        params: { ...path(id), query: after === undefined ? {} : { after } },
      }),
    )
  return {
    recordings: (before?: string) =>
      answer(http.GET('/api/recordings', { params: { query: before ? { before } : {} } })),
    recording: (id: string) =>
      answer(http.GET('/api/recordings/{recording_id}', { params: path(id) })),
    /** Everything that happened in it, in order. */
    recordingEvents: async (id: string): Promise<RecordedEvent[]> => {
      const all: RecordedEvent[] = []
      for (;;) {
        const { items, more } = await events(id, all.at(-1)?.at_s)
        all.push(...items)
        if (!more || items.length === 0) return all
      }
    },
    /** Asks for a file of the whole, and how far it is. */
    film: (id: string) =>
      answer(http.GET('/api/recordings/{recording_id}/download', { params: path(id) })),
    consents: () => answer(http.GET('/api/me/consents')),
    /** For oneself, or as a guardian for one's child. */
    consent: (person_id: string, agrees: boolean) =>
      answer(http.PUT('/api/me/consents', { body: { person_id, agrees } })),
    deleteRecording: (id: string) =>
      answer(http.DELETE('/api/recordings/{recording_id}', { params: path(id) })),
  }
}
