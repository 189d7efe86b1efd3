import { expect, it } from 'vitest'
import type { ExamRow } from '../../api/exams'
import { shelfOf, shelves } from './list'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const exam = (id: string, more: Partial<ExamRow> = {}) =>
  ({ id, state: 'published', opens_at: null, closes_at: null, ends_at: null, ...more }) as ExamRow

it.each([
  ['drafts', { state: 'draft' }],
  ['done', { state: 'released' }],
  ['done', { state: 'cancelled', closes_at: '2026-11-23T10:00:00Z' }],
  ['coming', { opens_at: '2026-11-22T10:01:00Z' }],
  ['open', { opens_at: '2026-11-22T10:00:00Z' }],
  ['open', { closes_at: '2026-11-22T09:00:00Z', ends_at: '2026-11-22T10:30:00Z' }],
  ['marking', { closes_at: '2026-11-22T10:00:00Z' }],
] as const)('stands among "%s": %j', (shelf, more) => expect(shelfOf(exam('a', more as object), NOW)).toBe(shelf))

it('puts what ends first at the top, and shows no empty shelf', () => {
  const found = shelves(
    [
      exam('endless'),
      exam('b', { closes_at: '2026-11-22T12:00:00Z' }),
      exam('a', { closes_at: '2026-11-22T11:00:00Z' }),
      exam('old', { state: 'draft' }),
      exam('other', { state: 'draft' }),
    ],
    NOW,
  )
  expect(found.map(({ shelf, items }) => [shelf, ...items.map(({ id }) => id)])).toEqual([
    ['open', 'a', 'b', 'endless'],
    ['drafts', 'other', 'old'],
  ])
})
