import type { TFunction } from 'i18next'
import { expect, it } from 'vitest'
import { fresh } from './draft'
import { partName, partsOf } from './outcome'
import type { Shown } from '../questions/shapes'
import type { Item } from './plain'
import { read } from './writing'

const t = ((key: string, given: Record<string, unknown> = {}) => `${key} ${Object.values(given).join()}`.trim()) as unknown as TFunction
const option = (id: string, text: string) => ({ id, words: read(text) })
const part = (where: string, why = 'right') => ({ where, why, got: '1', of: '1' })

it('is told by parts where these say more than the whole', () => {
  const outcome = { points: '1', most: '1', needs_person: false }
  expect(partsOf({ ...outcome, parts: [part('')] })).toEqual([])
  expect(partsOf({ ...outcome, parts: [part('', 'unread')] })).toHaveLength(1)
  expect(partsOf({ ...outcome, parts: [part('a'), part('b')] })).toHaveLength(2)
})

it('names each part by the words that are shown', () => {
  const shows = (shown: object) => ({ points: '1', prompt: {}, ...shown }) as Shown
  const single = shows({ kind: 'single', options: [option('1', 'екі'), option('2', 'бір')] })
  expect(partName(fresh(), single, '2', t)).toBe('бір')
  expect(partName(fresh(), single, 'z', t)).toBe('z')
  expect(partName(fresh(), single, '', t)).toBe('bank.wholeAnswer')
  const pairs = shows({ kind: 'matching', left: [option('1', 'x')], right: [option('1', 'y')] })
  expect(partName(fresh('matching'), pairs, '1>1', t)).toBe('x → y')
  const order = shows({ kind: 'ordering', options: [option('1', 'x'), option('2', '')] })
  expect([partName(fresh('ordering'), order, '2', t), partName(fresh('ordering'), order, '1>2', t)]).toEqual(['2', 'x → 2'])
  expect(partName(fresh('cloze'), shows({ kind: 'cloze', gaps: [] }), '2', t)).toBe('bank.gap 2')
  const area = { shape: 'rect' as const, numbers: [] }
  const spots = fresh('hotspot')
  const hotspot = { ...spots, body: { ...spots.body, regions: [{ id: 'a', area }, { id: 'b', area }] } } as Item
  expect(partName(hotspot, shows({ kind: 'hotspot' }), 'b', t)).toBe('bank.region 2')
})
