import { expect, it } from 'vitest'
import type { LessonView } from '../../api/types'
import { soon } from './model'

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
  const lessons = [lesson('now', 0), lesson('soon', 4), lesson('edge', 5), lesson('later', 6)]
  expect(soon(lessons, NOW, new Set()).map(({ id }) => id)).toEqual(['soon', 'edge'])
  expect(soon(lessons, NOW, new Set(['soon'])).map(({ id }) => id)).toEqual(['edge'])
})

it('does not tell of what will not be, or cannot be joined', () => {
  const lessons = [
    lesson('off', 3, { state: 'cancelled' }),
    lesson('child', 3, { may_join: false }),
    lesson('open', 3, { state: 'open' }),
  ]
  expect(soon(lessons, NOW, new Set()).map(({ id }) => id)).toEqual(['open'])
})
