import { expect, it } from 'vitest'
import type { LessonView } from '../../api/types'
import { soon, USUAL } from './model'

const NOW = Date.parse('2026-10-22T10:00:00Z')
const lesson = (id: string, minutes: number, part: Partial<LessonView> = {}) =>
  ({
    id,
    state: 'planned',
    may_join: true,
    starts_at: new Date(NOW + minutes * 60_000).toISOString(),
    ...part,
  }) as LessonView

it('tells of what begins within minutes, once', () => {
  const lessons = [lesson('now', 0), lesson('soon', 4), lesson('edge', 10), lesson('later', 11)]
  expect(soon(lessons, NOW, new Set(), USUAL).map(({ id }) => id)).toEqual(['soon', 'edge'])
  expect(soon(lessons, NOW, new Set(['soon']), USUAL).map(({ id }) => id)).toEqual(['edge'])
})

it('does not tell of what will not be, or cannot be joined', () => {
  const lessons = [
    lesson('off', 3, { state: 'cancelled' }),
    lesson('child', 3, { may_join: false }),
    lesson('open', 3, { state: 'open' }),
  ]
  expect(soon(lessons, NOW, new Set(), USUAL).map(({ id }) => id)).toEqual(['open'])
})

it('is as early as one chose, and silent for who wants no word in the page', () => {
  const lessons = [lesson('soon', 4), lesson('later', 14)]
  const told = (page: boolean, minutes: number) =>
    soon(lessons, NOW, new Set(), { page, minutes }).map(({ id }) => id)
  expect(told(true, 5)).toEqual(['soon'])
  expect(told(true, 15)).toEqual(['soon', 'later'])
  expect(told(false, 15)).toEqual([])
})
