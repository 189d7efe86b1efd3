import type { Client } from 'openapi-fetch'
import { answer } from './answer'
import type { OpenConsultations, paths, ReminderWish } from './types'

/** What lies around lessons: reports of them, consultations, reminders, and the calendar of one's own programs. */
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

    reminders: () => answer(http.GET('/api/me/reminders')),
    setReminders: (body: ReminderWish) => answer(http.PUT('/api/me/reminders', { body })),
    wakeBrowser: (endpoint: string) => answer(http.POST('/api/me/push', { body: { endpoint } })),
    letBrowserSleep: (endpoint: string) =>
      answer(http.POST('/api/me/push/end', { body: { endpoint } })),
    pushRule: (organisation_id: string) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/push', { params: { path: { organisation_id } } }),
      ),
    setPushRule: (organisation_id: string, push: boolean) =>
      answer(
        http.PUT('/api/organisations/{organisation_id}/push', {
          params: { path: { organisation_id } },
          body: { push },
        }),
      ),

    calendarLink: () => answer(http.GET('/api/me/calendar')),
    makeCalendarLink: () => answer(http.POST('/api/me/calendar', { body: {} })),
    endCalendarLink: () => answer(http.DELETE('/api/me/calendar')),
  }
}
