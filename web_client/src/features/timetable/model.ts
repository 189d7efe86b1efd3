import type { HourOfWeek, PlannedLesson } from '../../api/types'
import { Refusal } from '../../base/errors'
import { plusDays } from '../school/days'

export interface Day {
  /** `2026-10-22` */
  day: string
  lessons: PlannedLesson[]
}

/** The days of a week: Monday to Friday or Saturday, and Sunday only with lessons. */
export function daysOf(first: string, lessons: readonly PlannedLesson[]): Day[] {
  const days = Array.from({ length: 7 }, (_, i) => plusDays(first, i)).map((day) => ({
    day,
    lessons: lessons.filter((lesson) => lesson.day === day),
  }))
  return days.filter(({ lessons }, i) => i < 6 || lessons.length > 0)
}

/** The hours at which something begins on any day, the earliest first. */
export function hoursOf(lessons: readonly PlannedLesson[]): string[] {
  return [...new Set(lessons.map(({ begins }) => begins))].sort()
}

export interface HourForm {
  weekday: string
  begins: string
  minutes: string
}

/** An hour as it is sent: `9:5` becomes `09:05`; null where the time cannot be read. */
export function hourOf({ weekday, begins, minutes }: HourForm): HourOfWeek | null {
  const [, hour, minute] = /^\s*(\d{1,2})[:.](\d{1,2})\s*$/.exec(begins) ?? []
  if (hour === undefined || minute === undefined || !/^\d+$/.test(minutes.trim())) return null
  return {
    weekday: Number(weekday),
    begins: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`,
    minutes: Number(minutes),
  }
}

/** The hour after this one: on the next day of work, at the same time. */
export function nextHour(hour: HourForm): HourForm {
  return { ...hour, weekday: String((Number(hour.weekday) + 1) % 6) }
}

export interface Conflict {
  what: string
  name: string
  day: string
  begins: string
}

/** How many lessons stand in the way besides those that are named. */
export function conflictsBeside(error: unknown): number {
  const more = error instanceof Refusal && error.code === 'lesson_conflict' && error.params.more
  return typeof more === 'number' ? more : 0
}

/** What stands in the way, where that is why it was refused. */
export function conflictsIn(error: unknown): Conflict[] {
  if (!(error instanceof Refusal) || error.code !== 'lesson_conflict') return []
  return Array.isArray(error.params.conflicts) ? (error.params.conflicts as Conflict[]) : []
}
