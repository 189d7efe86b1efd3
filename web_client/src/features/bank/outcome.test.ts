import type { TFunction } from 'i18next'
import { expect, it } from 'vitest'
import { fresh } from './draft'
import { partName, partsOf } from './outcome'
import type { Item } from './plain'
import { read } from './writing'

const t = ((key: string, given: Record<string, unknown> = {}) => `${key} ${Object.values(given).join()}`.trim()) as unknown as TFunction
const option = (id: string, text: string) => ({ id, words: { kk: read(text) } })
const part = (where: string, why = 'right') => ({ where, why, got: '1', of: '1' })

it('is told by parts where these say more than the whole', () => {
  const outcome = { points: '1', most: '1', needs_person: false }
  expect(partsOf({ ...outcome, parts: [part('')] })).toEqual([])
  expect(partsOf({ ...outcome, parts: [part('', 'unread')] })).toHaveLength(1)
  expect(partsOf({ ...outcome, parts: [part('a'), part('b')] })).toHaveLength(2)
})

it('names each part by the words of the question', () => {
  const single: Item = { ...fresh(), body: { kind: 'single', options: [option('a', 'бір')], right: ['a'] } }
  expect(partName(single, 'a', 'kk', t)).toBe('бір')
  expect(partName(single, 'z', 'ru', t)).toBe('z')
  expect(partName(single, '', 'ru', t)).toBe('bank.wholeAnswer')
  const pairs: Item = { ...fresh(), body: { kind: 'matching', left: [option('a', 'x')], right: [option('a', 'y')], pairs: [] } }
  expect(partName(pairs, 'a>a', 'ru', t)).toBe('x → y')
  const order: Item = { ...fresh(), body: { kind: 'ordering', options: [option('a', 'x'), option('b', 'y')] } }
  expect([partName(order, 'b', 'kk', t), partName(order, 'a>b', 'kk', t)]).toEqual(['y', 'x → y'])
  expect(partName(fresh('cloze'), '2', 'kk', t)).toBe('bank.gap 2')
  const area = { shape: 'rect' as const, numbers: [] }
  const spots = fresh('hotspot')
  const hotspot = { ...spots, body: { ...spots.body, regions: [{ id: 'a', area }, { id: 'b', area }] } } as Item
  expect(partName(hotspot, 'b', 'kk', t)).toBe('bank.region 2')
})
