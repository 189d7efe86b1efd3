import type { LessonView } from '../api/types'

/** A lesson of the test day, 22 October 2026, at the given Almaty hours. */
export function lesson(
  id: string,
  from: string,
  to: string,
  more: Partial<LessonView> = {},
): LessonView {
  return {
    id,
    title: 'Туындының геометриялық мағынасы',
    subject: { kk: 'Алгебра', ru: 'Алгебра', en: 'Algebra' },
    group: '11 «А»',
    starts_at: at(from),
    ends_at: at(to),
    state: 'planned',
    teacher: { id: 'person_1', name: 'Айгүл Нұрланова' },
    room_id: `room_${id}`,
    organisation_id: 'unit_1',
    planned: true,
    my_part: 'lead',
    may_join: true,
    learners: 25,
    ...more,
  }
}

/** `09:50` in Almaty as the server writes it. */
export function at(time: string): string {
  return new Date(`2026-10-22T${time}:00+05:00`).toISOString()
}
