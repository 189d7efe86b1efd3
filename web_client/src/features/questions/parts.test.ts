import { describe, expect, it } from 'vitest'
import { endingOf, sizeOf, unfit } from './keeper'
import { pressed } from './keys'
import { brought, orderOf, placeAt } from './order'
import { letterOf, paired, toggledPair } from './pairs'
import { holds, middle, moved, spotAt, spotted, within } from './picture'
import type { Shown } from './shapes'
import { countWords, joinUnit, splitUnit } from './typed'

const option = (id: string) => ({ id, words: {} })
const multiple = (most: number): Shown => ({
  kind: 'multiple',
  points: '1',
  prompt: {},
  options: ['1', '2', '3'].map(option),
  least: 0,
  most,
})

describe('keys', () => {
  it('choose by number, and not beyond what there is', () => {
    const single: Shown = { kind: 'single', points: '1', prompt: {}, options: [option('1'), option('2')] }
    expect(pressed(single, { kind: 'chosen' }, '2')).toEqual({ kind: 'chosen', ids: ['2'] })
    expect(pressed(single, { kind: 'chosen' }, '3')).toBe(null)
    expect(pressed(single, { kind: 'chosen' }, '0')).toBe(null)
    expect(pressed({ kind: 'true_false', points: '1', prompt: {} }, { kind: 'truth' }, '2')).toEqual({
      kind: 'truth',
      value: false,
    })
  })

  it('mark and unmark, and no more than may be', () => {
    expect(pressed(multiple(0), { kind: 'chosen', ids: ['1'] }, '3')).toEqual({ kind: 'chosen', ids: ['1', '3'] })
    expect(pressed(multiple(0), { kind: 'chosen', ids: ['1', '3'] }, '1')).toEqual({ kind: 'chosen', ids: ['3'] })
    expect(pressed(multiple(1), { kind: 'chosen', ids: ['1'] }, '3')).toBe(null)
  })
})

describe('pairs', () => {
  const both = [
    { left: '1', right: 'a' },
    { left: '2', right: 'b' },
  ]
  it('a right one that may stand once goes from where it stood', () => {
    expect(paired(both, '2', 'a', { most: 1, reuse: false })).toEqual([{ left: '2', right: 'a' }])
    expect(paired(both, '2', 'a', { most: 1, reuse: true })).toEqual([both[0], { left: '2', right: 'a' }])
    expect(paired(both, '1', '', { most: 1, reuse: true })).toEqual([both[1]])
  })

  it('several partners, as many as may be', () => {
    const rule = { most: 2, reuse: true }
    const two = toggledPair(both, '1', 'b', rule)!
    expect(two).toHaveLength(3)
    expect(toggledPair(two, '1', 'c', rule)).toBe(null)
    expect(toggledPair(two, '1', 'b', rule)).toEqual(both)
    expect(toggledPair(both, '1', 'b', { most: 0, reuse: false })).toEqual([both[0], { left: '1', right: 'b' }])
  })

  it('letters go on behind Z', () => {
    expect([0, 25, 26, 27, 51, 52].map(letterOf)).toEqual(['A', 'Z', 'AA', 'AB', 'AZ', 'BA'])
  })
})

describe('order', () => {
  it('one is brought elsewhere and all stay', () => {
    expect(brought(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    expect(brought(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
    expect(brought(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b'])
    expect(brought(['a', 'b', 'c'], 7, 0)).toEqual(['a', 'b', 'c'])
  })

  it('is the answered one only where it is whole', () => {
    expect(orderOf(['1', '2'], ['2', '1'])).toEqual(['2', '1'])
    for (const broken of [undefined, [], ['2'], ['2', '2'], ['2', '3'], ['1', '2', '2']])
      expect(orderOf(['1', '2'], broken)).toEqual(['1', '2'])
  })

  it('finds the place under a finger', () => {
    expect([5, 25, 99].map((y) => placeAt(y, [10, 20, 30], 0))).toEqual([0, 1, 2])
    expect(placeAt(15, [10, 20, 30], 2)).toBe(1)
  })
})

describe('a picture', () => {
  const size = { width: 200, height: 100 }
  it('is pointed at in its own pixels', () => {
    const box = { left: 10, top: 20, width: 100, height: 50 }
    expect(within({ x: 60, y: 45 }, box, size)).toEqual({ x: 100, y: 50 })
    expect(within({ x: 0, y: 999 }, box, size)).toEqual({ x: 0, y: 100 })
    expect(spotAt({ x: 33.333, y: 0.06 })).toEqual({ x: '33.3', y: '0.1' })
  })

  it('holds as many points as may be, the newest', () => {
    const [a, b, c] = ['1', '2', '3'].map((x) => ({ x, y: '0' }))
    expect(spotted([a!, b!], c!, 2)).toEqual([b, c])
    expect(spotted([a!, b!], a!, 2)).toEqual([b, a])
    expect(spotted([a!, b!], c!, 0)).toEqual([a, b, c])
  })

  it('lets a cross go nowhere outside', () => {
    expect(moved({ x: 2, y: 50 }, 'ArrowLeft', false, size)).toEqual({ x: 0, y: 50 })
    expect(moved({ x: 2, y: 50 }, 'ArrowDown', true, size)).toEqual({ x: 2, y: 51 })
    expect(moved({ x: 2, y: 50 }, 'a', false, size)).toBe(null)
  })

  it('knows what lies in an area, its middle always', () => {
    const areas = [
      { shape: 'rect', numbers: ['10', '10', '30', '20'] },
      { shape: 'circle', numbers: ['50', '50', '10'] },
      { shape: 'polygon', numbers: ['0', '0', '40', '0', '20', '40'] },
    ] as const
    for (const area of areas) {
      expect(holds(area, middle(area))).toBe(true)
      expect(holds(area, { x: 199, y: 99 })).toBe(false)
    }
    expect(holds(areas[2], { x: 2, y: 38 })).toBe(false)
  })
})

describe('what is typed', () => {
  it('a unit is split off and joined again', () => {
    expect(splitUnit('2,5 кг', ['г', 'кг'])).toEqual({ number: '2,5', unit: 'кг' })
    expect(splitUnit('2,5 фунта', ['г', 'кг'])).toEqual({ number: '2,5 фунта', unit: '' })
    expect(splitUnit('3 кв. м', ['кв. м'])).toEqual({ number: '3', unit: 'кв. м' })
    expect(joinUnit('3', '')).toBe('3')
    for (const unit of ['', 'кг']) expect(splitUnit(joinUnit('10 000', unit), ['кг'])).toEqual({ number: '10 000', unit })
  })

  it('words are counted in every language', () => {
    expect(countWords('Қазақстан – 2030: бес-алты сөз, don’t «да»')).toBe(6)
    expect(countWords(' … ')).toBe(0)
  })
})

describe('files', () => {
  it('are refused by type and by size', () => {
    const rule = { types: ['pdf', 'docx'], most_bytes: 10 }
    expect(unfit({ name: 'a.PDF', size: 10 }, rule)).toBe(null)
    expect(unfit({ name: 'a.pdf.exe', size: 1 }, rule)).toBe('type')
    expect(unfit({ name: 'pdf', size: 1 }, rule)).toBe('type')
    expect(unfit({ name: 'a.pdf', size: 11 }, rule)).toBe('size')
    expect(unfit({ name: 'any', size: 1 }, { ...rule, types: [] })).toBe(null)
    expect(endingOf('.hidden')).toBe('hidden')
  })

  it('have a size that people read', () => {
    expect([1, 1_500, 999_400, 1_000_000, 2_340_000].map(sizeOf).map(({ unit, number }) => number + unit)).toEqual([
      '1kb',
      '2kb',
      '999kb',
      '1mb',
      '2.3mb',
    ])
  })
})
