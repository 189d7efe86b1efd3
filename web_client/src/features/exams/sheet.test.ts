import { expect, it } from 'vitest'
import type { Shown } from '../questions/shapes'
import { bubbles, keyLine, letter, rightBubbles } from './sheet'

const options = ['1', '2', '3'].map((id) => ({ id, words: {} }))
const shown = (body: object) => ({ points: '1', prompt: {}, ...body }) as Shown
const multiple = shown({ kind: 'multiple', options, least: 0, most: 0 })

it('names options by letters, as many bubbles as there are', () => {
  expect([letter(0), letter(25), letter(26)]).toEqual(['A', 'Z', 'A1'])
  expect([bubbles(multiple), bubbles(shown({ kind: 'true_false' })), bubbles(shown({ kind: 'essay' }))]).toEqual([3, 2, 0])
  expect(rightBubbles(multiple, { kind: 'chosen', ids: ['3', '1', 'gone'] })).toEqual([2, 0])
  expect(rightBubbles(shown({ kind: 'true_false' }), { kind: 'truth', value: false })).toEqual([1])
  expect(rightBubbles(multiple, null)).toEqual([])
})

it('tells a key in the letters of the paper', () => {
  expect(keyLine(multiple, { kind: 'chosen', ids: ['1', '3'] }, [])).toBe('A, C')
  expect(keyLine(shown({ kind: 'short' }), { kind: 'typed', text: 'Алматы' }, ['Алматы', 'Алма-Ата'])).toBe('Алматы; Алма-Ата')
  expect(keyLine(shown({ kind: 'ordering', options }), { kind: 'ordered', ids: ['2', '1', '3'] }, [])).toBe('B – A – C')
  const matching = shown({ kind: 'matching', left: options, right: options, most: 1, reuse: false })
  expect(keyLine(matching, { kind: 'paired', pairs: [{ left: '1', right: '3' }] }, [])).toBe('1 – C')
  expect(keyLine(shown({ kind: 'table', rows: [], gaps: [] }), { kind: 'filled', fills: [{ gap: '1', text: '7' }] }, [])).toBe('1: 7')
  expect(keyLine(shown({ kind: 'essay' }), null, [])).toBe('')
})
