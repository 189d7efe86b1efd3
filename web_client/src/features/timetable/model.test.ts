import { expect, it } from 'vitest'
import type { PlannedLesson } from '../../api/types'
import { Refusal } from '../../base/errors'
import { conflictsBeside, conflictsIn, daysOf, hourOf, hoursOf, nextHour } from './model'

const lesson = (day: string, begins: string) => ({ id: day + begins, day, begins }) as PlannedLesson

it('lays a week out, with Sunday only when something is on', () => {
  const monday = lesson('2026-10-19', '08:30')
  const days = daysOf('2026-10-19', [monday])
  expect(days.map(({ day }) => day.slice(8))).toEqual(['19', '20', '21', '22', '23', '24'])
  expect(days[0]!.lessons).toEqual([monday])
  expect(daysOf('2026-10-19', [lesson('2026-10-25', '10:00')])).toHaveLength(7)
})

it('names each hour once, the earliest first', () => {
  const lessons = [lesson('2026-10-20', '09:20'), lesson('2026-10-19', '08:30')]
  expect(hoursOf([...lessons, lesson('2026-10-21', '09:20')])).toEqual(['08:30', '09:20'])
})

it('reads hours as people write them', () => {
  const hour = { weekday: '2', begins: '9:05', minutes: '45' }
  expect(hourOf(hour)).toEqual({ weekday: 2, begins: '09:05', minutes: 45 })
  expect(hourOf({ ...hour, begins: ' 8.3 ' })?.begins).toBe('08:03')
  expect(hourOf({ ...hour, begins: 'morning' })).toBeNull()
  expect(hourOf({ ...hour, minutes: '' })).toBeNull()
  expect(nextHour({ ...hour, weekday: '5' }).weekday).toBe('0')
})

it('shows what stands in the way, and nothing for other refusals', () => {
  const conflicts = [{ what: 'group', name: '7 «А»', day: '2026-10-19', begins: '08:30' }]
  expect(conflictsIn(new Refusal('lesson_conflict', 409, { conflicts }))).toEqual(conflicts)
  expect(conflictsIn(new Refusal('stale', 409))).toEqual([])
  expect(conflictsIn(null)).toEqual([])
  expect(conflictsBeside(new Refusal('lesson_conflict', 409, { conflicts, more: 12 }))).toBe(12)
  expect(conflictsBeside(new Refusal('stale', 409))).toBe(0)
})
