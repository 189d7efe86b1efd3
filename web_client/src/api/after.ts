import type { Client } from 'openapi-fetch'
import { answer } from './answer'
import type { OpenConsultations, paths } from './types'

/** What lies around lessons: reports of them, consultations, and the calendar of one's own programs. */
export function aroundLessonsApi(http: Client<paths>) {
  const lesson = (lesson_id: string) => ({ params: { path: { lesson_id } } })
  return {
    lessonReport: (id: string) => answer(http.GET('/api/lessons/{lesson_id}/report', lesson(id))),

    consultations: () => answer(http.GET('/api/consultations')),
    openConsultations: (body: OpenConsultations) =>
      answer(http.POST('/api/consultations', { body })),
    bookConsultation: (id: string) =>
      answer(http.POST('/api/consultations/{lesson_id}/book', { ...lesson(id), body: {} })),
    giveConsultationBack: (id: string) =>
      answer(http.POST('/api/consultations/{lesson_id}/give-back', { ...lesson(id), body: {} })),
    callConsultationOff: (id: string) =>
      answer(http.POST('/api/consultations/{lesson_id}/call-off', { ...lesson(id), body: {} })),

    calendarLink: () => answer(http.GET('/api/me/calendar')),
    makeCalendarLink: () => answer(http.POST('/api/me/calendar', { body: {} })),
    endCalendarLink: () => answer(http.DELETE('/api/me/calendar')),
  }
}
