import { expect, it } from 'vitest'
import { type Answer, fitting, isAnswered, plainOf, type Shown } from './shapes'

const short = { kind: 'short', points: '1', prompt: {} } as const satisfies Shown

it('takes an answer of the kind of the question, and no other', () => {
  expect(fitting(short, { kind: 'typed', text: 'а' })).toEqual({ kind: 'typed', text: 'а' })
  expect(fitting(short, { kind: 'chosen', ids: ['1'] })).toEqual({ kind: 'typed' })
  expect(fitting(short, null)).toEqual({ kind: 'typed' })
})

const EMPTY: Answer[] = [
  { kind: 'chosen' },
  { kind: 'truth', value: null },
  { kind: 'typed', text: '  ' },
  { kind: 'paired', pairs: [] },
  { kind: 'ordered' },
  { kind: 'filled', fills: [{ gap: '1', text: ' ' }] },
  { kind: 'spotted' },
  { kind: 'written' },
  { kind: 'handed_in' },
  { kind: 'recorded' },
]
const SAID: Answer[] = [
  { kind: 'chosen', ids: ['1'] },
  { kind: 'truth', value: false },
  { kind: 'typed', text: '0' },
  { kind: 'paired', pairs: [{ left: '1', right: '2' }] },
  { kind: 'ordered', ids: ['2', '1'] },
  { kind: 'filled', fills: [{ gap: '1', text: 'а' }] },
  { kind: 'spotted', spots: [{ x: '1', y: '2' }] },
  { kind: 'written', text: 'а' },
  { kind: 'handed_in', files: [{ sha256: 'a', name: 'a.pdf', size: 1 }] },
  { kind: 'recorded', sha256: 'a', seconds: 3 },
]
it('knows an answer from nothing', () => {
  expect(EMPTY.filter(isAnswered)).toEqual([])
  expect(SAID.filter((one) => !isAnswered(one))).toEqual([])
  expect(isAnswered(null)).toBe(false)
})

it('says formatted text in one line', () => {
  const text = (said: string) => ({ kind: 'text', text: said }) as const
  expect(
    plainOf({
      blocks: [
        { kind: 'paragraph', runs: [text('Найдите\n'), { kind: 'formula', source: 'x^2' }] },
        { kind: 'list', entries: [{ runs: [text('раз')], inner: [{ kind: 'list', entries: [{ runs: [text('два')] }] }] }] },
        { kind: 'table', rows: [[{ runs: [{ kind: 'media', sha256: 'a', type: 'image/png', alt: 'карта' }] }]] },
      ],
    }),
  ).toBe('Найдите x^2 раз два карта')
})
