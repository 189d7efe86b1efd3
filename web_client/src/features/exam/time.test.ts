import { expect, it } from 'vitest'
import { wayOf } from './list'
import { endWord } from './Over'
import { leftAfter, soonest, toldBetween } from './time'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString()

it('what is left goes down, never below nothing, and stands while the clock does', () => {
  const left = { whole: 60, section: 20, deadline: null, stands: false }
  expect(leftAfter(left, 15_500)).toEqual({ whole: 44_500, section: 4_500 })
  expect(leftAfter(left, 90_000)).toEqual({ whole: 0, section: 0 })
  expect(leftAfter({ ...left, stands: true }, 90_000)).toEqual({ whole: 60_000, section: 20_000 })
  expect(leftAfter({ ...left, whole: null }, -5)).toEqual({ whole: null, section: 20_000 })
  expect([soonest({ whole: 9, section: 4 }), soonest({ whole: null, section: null })]).toEqual([4, null])
})

it('says aloud once that ten, five and one minutes are left', () => {
  expect(toldBetween(600_500, 599_500)).toBe(600_000)
  expect(toldBetween(599_500, 598_500)).toBe(null)
  expect(toldBetween(60_001, 60_000)).toBe(60_000)
  expect(toldBetween(null, 1)).toBe(null)
})

it('knows what a learner may do about an exam now', () => {
  const row = { state: 'published', sitting: null, attempts: 2, opens_at: at(-1), closes_at: at(1) } as const
  const sitting = { id: 's', attempt: 1, state: 'handed_in', began_at: at(-1) } as const
  expect(wayOf(row, NOW)).toBe('begin')
  expect(wayOf({ ...row, opens_at: at(1) }, NOW)).toBe('soon')
  expect(wayOf({ ...row, closes_at: at(-0.5) }, NOW)).toBe('closed')
  expect(wayOf({ ...row, state: 'cancelled' }, NOW)).toBe('cancelled')
  expect(wayOf({ ...row, sitting: { ...sitting, state: 'interrupted' } }, NOW)).toBe('goOn')
  expect(wayOf({ ...row, sitting }, NOW)).toBe('lookAndBegin')
  expect(wayOf({ ...row, sitting: { ...sitting, attempt: 2 } }, NOW)).toBe('look')
  expect(wayOf({ ...row, sitting, closes_at: at(-0.5) }, NOW)).toBe('look')
  expect(wayOf({ ...row, sitting: { ...sitting, state: 'missed' } }, NOW)).toBe('missed')
})

it('says how it ended by the last word on it', () => {
  expect(endWord('handed_in', 'hand_in')).toBe('handed')
  expect(endWord('handed_in', 'time_up')).toBe('timeUp')
  expect(endWord('accepted', undefined)).toBe('handed')
  expect(endWord('terminated', 'terminate')).toBe('terminated')
  expect(endWord('voided', 'void')).toBe('voided')
})
