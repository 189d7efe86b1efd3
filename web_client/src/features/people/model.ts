import i18next from 'i18next'
import type { PeopleWanted, SchoolApi } from '../../api/school'
import type { Language, OnRoll, PersonData, Role } from '../../api/types'

/** Roles that are given in the whole organisation; a parent's is given for a child. */
export const ROLES: readonly Role[] = [
  'learner',
  'teacher',
  'parent',
  'tutor',
  'methodist',
  'proctor',
  'deputy',
  'director',
  'administrator',
]

export interface PersonForm extends Record<string, string> {
  family: string
  given: string
  patronymic: string
  iin: string
  language: string
  login: string
  role: string
  group: string
}

export const EMPTY: PersonForm = {
  family: '',
  given: '',
  patronymic: '',
  iin: '',
  language: 'kk',
  login: '',
  role: 'learner',
  group: '',
}

/** Beside which field the sentence of a refusal stands. */
export const PLACES: Readonly<Record<string, string>> = {
  name_unfit: 'family',
  iin_invalid: 'iin',
  iin_taken: 'iin',
  login_invalid: 'login',
  login_taken: 'login',
}

type Named = Pick<OnRoll, 'family' | 'given' | 'patronymic'>

/** Whose data were erased: a line that leads to nobody. */
export function isErased({ family, given }: Named): boolean {
  return family === '' && given === '—'
}

export function nameOf(person: Named): string {
  if (isErased(person)) return i18next.t('personal.nobody')
  return [person.family, person.given, person.patronymic].filter(Boolean).join(' ')
}

export function formOf(person: OnRoll, iin: string | null): PersonForm {
  const { family, given, patronymic, language, login } = person
  return { ...EMPTY, family, given, language, login, patronymic: patronymic ?? '', iin: iin ?? '' }
}

export function dataOf(form: PersonForm): PersonData {
  return {
    family: form.family.trim(),
    given: form.given.trim(),
    patronymic: form.patronymic.trim() || null,
    iin: form.iin.trim() || null,
    language: form.language as Language,
  }
}

export interface PeoplePage {
  items: OnRoll[]
  /** Whether there are more behind. */
  more: boolean
}

/** So many pages of the roll, from its beginning. */
export async function readPages(
  api: Pick<SchoolApi, 'people'>,
  wanted: PeopleWanted,
  pages: number,
): Promise<PeoplePage> {
  const items: OnRoll[] = []
  let next: string | null = null
  for (let page = 0; page < pages; page++) {
    const read = await api.people(next ? { ...wanted, after: next } : wanted)
    items.push(...read.items)
    next = read.next
    if (!next) break
  }
  return { items, more: next !== null }
}

/** Who of these gets a slip: who can log in at all, and unless `all` has no password of their own yet. */
export function toSlip(people: readonly OnRoll[], all: boolean): string[] {
  return people
    .filter(({ active, login, log_in }) => active && login && (all || log_in !== 'own'))
    .map(({ id }) => id)
}

/** The class in which all of these learn, if there is one. */
export function sharedClass(people: readonly OnRoll[]): string | null {
  const [first, ...others] = people
  const shared = first?.groups.filter(({ id }) =>
    others.every(({ groups }) => groups.some((one) => one.id === id)),
  )
  return shared?.[0]?.id ?? null
}

const OF_ALL = ['enrolments', 'visits', 'messages', 'exams', 'recordings', 'audit'] as const
const OF_STAFF = ['course_teachers', 'lessons', 'consultations', 'banks', 'scales'] as const

/** What outlives an erasure, without a name: their sentences stand below `personal`. */
export function keptOf({ roles }: Pick<OnRoll, 'roles'>): string[] {
  const isStaff = roles.some(({ role }) => role !== 'learner' && role !== 'parent')
  return isStaff ? [...OF_STAFF, ...OF_ALL] : [...OF_ALL]
}

/** Whether a name was typed as it stands, but for case and spaces. */
export function sameName(typed: string, name: string): boolean {
  const plain = (text: string) =>
    text.normalize('NFC').toLocaleLowerCase('kk').split(/\s+/).filter(Boolean).join(' ')
  return plain(typed) === plain(name)
}
