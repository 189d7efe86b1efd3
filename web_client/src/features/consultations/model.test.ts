import { expect, it } from 'vitest'
import type { ConsultationView } from '../../api/types'
import { byDay, wayOf } from './model'

const NOW = Date.parse('2026-10-22T10:00:00Z')
const slot = (part: Partial<ConsultationView>): ConsultationView => ({
  lesson_id: 'lesson_1',
  teacher_id: 'person_1',
  teacher: 'Анна',
  subject: null,
  title: '',
  starts_at: '2026-10-22T10:30:00Z',
  ends_at: '2026-10-22T10:50:00Z',
  state: 'planned',
  places: 1,
  booked: 0,
  mine: 'free',
  booked_by: [],
  ...part,
})

it('groups slots by the day on the wall', () => {
  const late = slot({ starts_at: '2026-10-22T20:30:00Z' })
  expect(byDay([slot({}), slot({}), late], 'Asia/Almaty').map(({ date, items }) => [date, items.length])).toEqual([
    ['2026-10-22', 2],
    ['2026-10-23', 1],
  ])
})

it('offers what is possible now', () => {
  expect(wayOf(slot({}), NOW)).toBe('book')
  expect(wayOf(slot({ booked: 1 }), NOW)).toBe('full')
  expect(wayOf(slot({ booked: 1, mine: 'booked' }), NOW)).toBe('giveBack')
  expect(wayOf(slot({ mine: 'leads' }), NOW)).toBe('callOff')
  expect(wayOf(slot({ mine: 'leads' }), NOW + 3_600_000)).toBe('enter')
  expect(wayOf(slot({ mine: 'booked', state: 'open' }), NOW + 3_600_000)).toBe('enter')
  expect(wayOf(slot({ state: 'open' }), NOW + 3_600_000)).toBe(null)
  expect(wayOf(slot({ mine: 'booked', state: 'cancelled' }), NOW)).toBe(null)
})
