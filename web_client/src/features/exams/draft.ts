import type { ExamData, ExamView } from '../../api/exams'
import { decimalOf } from './decimal'
import { endOfDay, momentOf, wallOf } from './moments'

/** One cell of a blueprint as it is typed: an objective ('' any), a difficulty (0 any), how many, points each. */
export interface CellDraft {
  objective: string
  difficulty: number
  count: string
  points: string
}

export interface PickedDraft {
  item: string
  points: string
}

export interface SectionDraft {
  name: string
  minutes: string
  cells: readonly CellDraft[]
  items: readonly PickedDraft[]
}

/** An exam as its form holds it: times are whole minutes and wall times of the author's zone, '' for none. */
export interface Draft {
  title: string
  kind: ExamData['kind']
  course: string
  level: string
  banks: readonly string[]
  sections: readonly SectionDraft[]
  shuffle: boolean
  minutes: string
  interrupted: ExamData['interrupted']
  grace: string
  opens: string
  closes: string
  ends: string
  late: string
  attempts: string
  navigation: ExamData['navigation']
  languages: readonly Language[]
  penalties: boolean
  partial: boolean
  anonymous: boolean
  /** Two mark each answer. `bound`: how far apart they may be, in percent of the points. */
  double: { bound: string; step: string; third: boolean } | null
  release: ExamData['release']
  groups: readonly string[]
  persons: readonly string[]
  commission: readonly { person: string; part: Part }[]
  supervised: boolean
  /** The lesson in whose room it is answered aloud. */
  call: string
}

export type Language = 'kk' | 'ru' | 'en'
export type Part = 'chair' | 'marker' | 'proctor'

/** Hours a test stays open at least, if its author does not say until when. */
const OPEN_HOURS = 3
export const MOST_QUESTIONS = 500

export const emptyCell: CellDraft = { objective: '', difficulty: 0, count: '10', points: '1' }
export const emptySection: SectionDraft = { name: '', minutes: '', cells: [emptyCell], items: [] }

/** What a test is unless its author says otherwise: ten questions drawn and shuffled, 20 minutes, once, told by hand,
 *  in the language of its author. */
export function newDraft(now: number, zone: string, language: Language): Draft {
  return {
    title: '',
    kind: 'exam',
    course: '',
    level: 'school',
    banks: [],
    sections: [emptySection],
    shuffle: true,
    minutes: '20',
    interrupted: 'grace',
    grace: '5',
    opens: '',
    closes: endOfDay(now, zone, OPEN_HOURS),
    ends: '',
    late: '2',
    attempts: '1',
    navigation: 'free',
    languages: [language],
    penalties: false,
    partial: true,
    anonymous: false,
    double: null,
    release: { what: 'answers', when: 'by_hand' },
    groups: [],
    persons: [],
    commission: [],
    supervised: false,
    call: '',
  }
}

/** Practice is at leisure: again and again, and told at once with the keys. */
export function ofKind(draft: Draft, kind: Draft['kind']): Draft {
  if (kind === draft.kind) return draft
  if (kind === 'practice') {
    const release = { what: 'keys', when: 'at_once' } as const
    return { ...draft, kind, attempts: '10', release, supervised: false, interrupted: 'stands', minutes: '' }
  }
  if (draft.kind !== 'practice') return { ...draft, kind }
  const release = { what: 'answers', when: 'by_hand' } as const
  return { ...draft, kind, attempts: '1', release, interrupted: 'grace', minutes: '20' }
}

export function draftOf(exam: Pick<ExamView, 'data'>, zone: string): Draft {
  const { data } = exam
  return {
    title: data.title,
    kind: data.kind,
    course: data.course_id ?? '',
    level: data.level,
    banks: data.banks,
    sections: data.sections.map((section) => ({
      name: section.name,
      minutes: minutesOf(section.seconds),
      cells: section.cells.map((cell) => ({ ...cell, count: String(cell.count) })),
      items: section.items.map(({ item_id, points }) => ({ item: item_id, points })),
    })),
    shuffle: data.shuffle,
    minutes: minutesOf(data.seconds),
    interrupted: data.interrupted,
    grace: minutesOf(data.grace_seconds),
    opens: wallOf(data.opens_at, zone),
    closes: wallOf(data.closes_at, zone),
    ends: wallOf(data.ends_at, zone),
    late: minutesOf(data.late_seconds),
    attempts: String(data.attempts),
    navigation: data.navigation,
    languages: data.languages,
    penalties: data.penalties,
    partial: data.partial,
    anonymous: data.anonymous,
    double: data.double && { ...data.double, bound: String(Number(data.double.bound) * 100) },
    release: data.release,
    groups: data.takers.groups,
    persons: data.takers.persons,
    commission: data.commission.map(({ person_id, part }) => ({ person: person_id, part })),
    supervised: data.supervised,
    call: data.lesson_id ?? '',
  }
}

/** As the server takes it. What is not a number is sent as nothing: `missing` names it before. */
export function dataOf(draft: Draft, zone: string, resitOf: string | null = null): ExamData {
  return {
    title: draft.title.trim(),
    kind: draft.kind,
    course_id: draft.course || null,
    level: draft.level,
    banks: [...draft.banks],
    sections: draft.sections.map((section) => ({
      name: section.name.trim(),
      seconds: secondsOf(section.minutes),
      cells: section.cells.map(({ objective, difficulty, count, points }) => ({
        objective,
        difficulty,
        count: wholeOf(count) ?? 0,
        points: decimalOf(points) ?? '1',
      })),
      items: section.items.map(({ item, points }) => ({ item_id: item, points: decimalOf(points) ?? '1' })),
    })),
    shuffle: draft.shuffle,
    seconds: secondsOf(draft.minutes),
    interrupted: draft.interrupted,
    grace_seconds: draft.interrupted === 'grace' ? (secondsOf(draft.grace) ?? 0) : 0,
    opens_at: momentOf(draft.opens, zone),
    closes_at: momentOf(draft.closes, zone),
    ends_at: momentOf(draft.ends, zone),
    late_seconds: secondsOf(draft.late) ?? 0,
    attempts: wholeOf(draft.attempts) ?? 1,
    navigation: draft.navigation,
    languages: [...draft.languages],
    penalties: draft.penalties,
    partial: draft.partial,
    anonymous: draft.anonymous,
    double: draft.double && {
      bound: String(Number(decimalOf(draft.double.bound) ?? 20) / 100),
      step: decimalOf(draft.double.step) ?? '0.5',
      third: draft.double.third,
    },
    release: draft.release,
    takers: { groups: [...draft.groups], persons: [...draft.persons] },
    commission: draft.commission.map(({ person, part }) => ({ person_id: person, part })),
    supervised: draft.supervised,
    lesson_id: draft.call || null,
    resit_of: resitOf,
  }
}

/** What keeps a test from being published: a sentence below “lacks”, and where the field stands. */
export interface Lack {
  what: string
  at: string
  params?: Record<string, number | string>
}

/** `has`: how many questions the banks have for a cell; undefined while that is not known. */
export function missing(draft: Draft, has: (cell: CellDraft) => number | undefined): Lack[] {
  const lacks: Lack[] = []
  const lack = (what: string, at: string, params?: Lack['params']) =>
    lacks.push(params ? { what, at, params } : { what, at })
  if (!draft.title.trim()) lack('title', 'title')
  const drawn = draft.sections.some(({ cells }) => cells.length > 0)
  if (drawn && draft.banks.length === 0) lack('bank', 'banks')
  if (questionsOf(draft) === 0) lack('questions', 'sections')
  if (questionsOf(draft) > MOST_QUESTIONS) lack('tooMany', 'sections', { most: MOST_QUESTIONS })
  draft.sections.forEach((section, at) => {
    section.cells.forEach((cell, nth) => {
      const here = `cell-${at}-${nth}`
      const wanted = wholeOf(cell.count) ?? 0
      const found = draft.banks.length > 0 ? has(cell) : undefined
      if (wanted < 1) lack('count', here)
      else if (found !== undefined && found < wanted) lack('short', here, { found, wanted })
      if (!(Number(decimalOf(cell.points) ?? 0) > 0)) lack('points', here)
    })
    section.items.forEach(({ points }, nth) => {
      if (!(Number(decimalOf(points) ?? 0) > 0)) lack('points', `item-${at}-${nth}`)
    })
    if (section.minutes && !secondsOf(section.minutes)) lack('sectionMinutes', `section-${at}`, { nth: at + 1 })
  })
  if (draft.minutes && !secondsOf(draft.minutes)) lack('minutes', 'minutes')
  if (draft.languages.length === 0) lack('languages', 'languages')
  if (draft.groups.length + draft.persons.length === 0) lack('takers', 'takers')
  if (draft.opens && draft.closes && draft.closes <= draft.opens) lack('closes', 'closes')
  if (draft.ends && draft.closes && draft.ends < draft.closes) lack('ends', 'ends')
  if (!wholeOf(draft.attempts)) lack('attempts', 'attempts')
  return lacks
}

export function questionsOf(draft: Pick<Draft, 'sections'>): number {
  return sum(draft.sections, ({ cells, items }) => items.length + sum(cells, ({ count }) => wholeOf(count) ?? 0))
}

export function pointsOf(draft: Pick<Draft, 'sections'>): number {
  const of = (points: string) => Number(decimalOf(points) ?? 0)
  return sum(
    draft.sections,
    ({ cells, items }) =>
      sum(cells, ({ count, points }) => (wholeOf(count) ?? 0) * of(points)) +
      sum(items, ({ points }) => of(points)),
  )
}

/** Minutes of all sections together; 0 where none has a time of its own. */
export function sectionMinutes(draft: Pick<Draft, 'sections'>): number {
  return sum(draft.sections, ({ minutes }) => wholeOf(minutes) ?? 0)
}

function sum<T>(things: readonly T[], of: (thing: T) => number): number {
  return things.reduce((all, one) => all + of(one), 0)
}

export function wholeOf(typed: string): number | null {
  const found = /^\s*(\d{1,6})\s*$/.exec(typed)
  return found ? Number(found[1]) : null
}

export function secondsOf(minutes: string): number | null {
  const found = decimalOf(minutes)
  return found && Number(found) > 0 ? Math.round(Number(found) * 60) : null
}

export function minutesOf(seconds: number | null | undefined): string {
  return seconds ? String(Math.round((seconds / 60) * 100) / 100) : ''
}
