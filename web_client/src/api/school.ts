import type { Client } from 'openapi-fetch'
import type { components, paths } from './schema'
import { answer } from './answer'
import type { Language, ListKind, Role, Sheet } from './types'

type Http = Client<paths>
type Schemas = components['schemas']

export interface PeopleWanted {
  search?: string
  group_id?: string
  role?: Role
  active?: boolean
  after?: string
}

/** The organisations, and what belongs to none of them. */
export function organisationsApi(http: Http) {
  return {
    organisations: (after?: string) =>
      answer(http.GET('/api/organisations', { params: { query: after ? { after } : {} } })),
    addOrganisation: (body: Schemas['AddOrganisation']) =>
      answer(http.POST('/api/organisations', { body })),
    zones: () => answer(http.GET('/api/zones')),
    template: (kind: ListKind, language: Language) =>
      answer(
        http.GET('/api/import/templates/{kind}', {
          params: { path: { kind }, query: { language } },
        }),
      ),
  }
}

/** Everything that is kept of one organisation. */
export function schoolApi(http: Http, organisation_id: string) {
  const here = { path: { organisation_id } }
  return {
    ...rollApi(http, organisation_id),
    ...timetableApi(http, organisation_id),
    read: () => answer(http.GET('/api/organisations/{organisation_id}', { params: here })),
    change: (body: Schemas['ChangeOrganisation']) =>
      answer(http.PATCH('/api/organisations/{organisation_id}', { params: here, body })),
    appoint: (body: Schemas['Appoint']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/administrator', { params: here, body }),
      ),

    groups: (day: string, year?: number) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/groups', {
          params: { ...here, query: { day, year } },
        }),
      ),
    addGroup: (body: Schemas['AddGroup']) =>
      answer(http.POST('/api/organisations/{organisation_id}/groups', { params: here, body })),
    changeGroup: (group_id: string, body: Schemas['ChangeGroup']) =>
      answer(
        http.PATCH('/api/organisations/{organisation_id}/groups/{group_id}', {
          params: { path: { organisation_id, group_id } },
          body,
        }),
      ),
    enrol: (group_id: string, body: Schemas['Enrol']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/groups/{group_id}/enrol', {
          params: { path: { organisation_id, group_id } },
          body,
        }),
      ),
    move: (group_id: string, body: Schemas['Move']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/groups/{group_id}/move', {
          params: { path: { organisation_id, group_id } },
          body,
        }),
      ),
    promote: (body: Schemas['Promote']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/groups/promote', { params: here, body }),
      ),

    check: (body: Sheet) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/import/check', { params: here, body }),
      ),
    take: (body: Schemas['TakeList']) =>
      answer(http.POST('/api/organisations/{organisation_id}/import', { params: here, body })),
  }
}

export type SchoolApi = ReturnType<typeof schoolApi>

function rollApi(http: Http, organisation_id: string) {
  const here = { path: { organisation_id } }
  const person = (person_id: string) => ({ path: { organisation_id, person_id } })
  return {
    people: (wanted: PeopleWanted) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/people', {
          params: { ...here, query: wanted },
        }),
      ),
    addPerson: (body: Schemas['AddPerson']) =>
      answer(http.POST('/api/organisations/{organisation_id}/people', { params: here, body })),
    person: (person_id: string) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/people/{person_id}', {
          params: person(person_id),
        }),
      ),
    changePerson: (person_id: string, body: Schemas['ChangePerson']) =>
      answer(
        http.PATCH('/api/organisations/{organisation_id}/people/{person_id}', {
          params: person(person_id),
          body,
        }),
      ),
    removePerson: (person_id: string) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/people/{person_id}/remove', {
          params: person(person_id),
          body: {},
        }),
      ),
    bringBack: (person_id: string) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/people/{person_id}/bring-back', {
          params: person(person_id),
          body: {},
        }),
      ),
    giveRole: (person_id: string, body: Schemas['GiveRole']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/people/{person_id}/roles', {
          params: person(person_id),
          body,
        }),
      ),
    endRole: (person_id: string, role_id: string) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/people/{person_id}/roles/{role_id}/end', {
          params: { path: { organisation_id, person_id, role_id } },
          body: {},
        }),
      ),
    slips: (person_ids: string[]) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/slips', {
          params: here,
          body: { person_ids, group_id: null },
        }),
      ),
  }
}

function timetableApi(http: Http, organisation_id: string) {
  const here = { path: { organisation_id } }
  const course = (course_id: string) => ({ path: { organisation_id, course_id } })
  const lesson = (lesson_id: string) => ({ path: { organisation_id, lesson_id } })
  return {
    subjects: () =>
      answer(http.GET('/api/organisations/{organisation_id}/subjects', { params: here })),
    addSubject: (body: Schemas['AddSubject']) =>
      answer(http.POST('/api/organisations/{organisation_id}/subjects', { params: here, body })),
    courses: (query: { year?: number; group_id?: string; teacher_id?: string }) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/courses', { params: { ...here, query } }),
      ),
    addCourse: (body: Schemas['AddCourse']) =>
      answer(http.POST('/api/organisations/{organisation_id}/courses', { params: here, body })),
    changeCourse: (course_id: string, body: Schemas['ChangeCourse']) =>
      answer(
        http.PATCH('/api/organisations/{organisation_id}/courses/{course_id}', {
          params: course(course_id),
          body,
        }),
      ),
    endCourse: (course_id: string, body: Schemas['EndCourse']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/courses/{course_id}/end', {
          params: course(course_id),
          body,
        }),
      ),
    week: (query: { first: string; group_id?: string; teacher_id?: string }) =>
      answer(
        http.GET('/api/organisations/{organisation_id}/timetable', { params: { ...here, query } }),
      ),
    plan: (body: Schemas['PlanLessons']) =>
      answer(http.POST('/api/organisations/{organisation_id}/timetable', { params: here, body })),
    changeLesson: (lesson_id: string, body: Schemas['ChangeLesson']) =>
      answer(
        http.PATCH('/api/organisations/{organisation_id}/timetable/{lesson_id}', {
          params: lesson(lesson_id),
          body,
        }),
      ),
    cancelLesson: (lesson_id: string, body: Schemas['CancelLesson']) =>
      answer(
        http.POST('/api/organisations/{organisation_id}/timetable/{lesson_id}/cancel', {
          params: lesson(lesson_id),
          body,
        }),
      ),
  }
}
