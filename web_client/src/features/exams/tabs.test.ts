import { expect, it } from 'vitest'
import { firstOf, tabsOf } from './tabs'

it('opens to each part what it needs', () => {
  expect(tabsOf({ part: 'chair', state: 'published' })).toHaveLength(5)
  expect(tabsOf({ part: 'marker', state: 'published' })).toEqual(['marking'])
  expect(tabsOf({ part: 'proctor', state: 'published' })).toEqual(['now', 'takers'])
  expect(tabsOf({ part: 'reader', state: 'released' })).not.toContain('marking')
  expect(tabsOf({ part: 'marker', state: 'draft' })).toEqual([])
})

it.each([
  ['set-up', 'draft', {}],
  ['takers', 'published', {}],
  ['now', 'published', { handed_in: 20, running: 1 }],
  ['marking', 'published', { handed_in: 20 }],
  ['results', 'released', { accepted: 20 }],
] as const)('begins with %s', (tab, state, sittings) => {
  expect(firstOf({ part: 'chair', state, sittings })).toBe(tab)
})

it('begins with what may be opened at all', () => {
  expect(firstOf({ part: 'marker', state: 'released', sittings: {} })).toBe('marking')
  expect(firstOf({ part: 'proctor', state: 'draft', sittings: {} })).toBeUndefined()
})
