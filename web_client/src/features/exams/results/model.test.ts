import { describe, expect, it } from 'vitest'
import { alphaWord, failedIn, heights, ordered, type Question, type Row, warningsOf } from './model'

const row = (name: string, points: string | null, group = '', passed: boolean | null = null) =>
  ({ name, person_id: name, points, group, passed }) as Row

const question = (more: Partial<Question>): Question =>
  ({ facility: 0.6, discrimination: 0.4, asked: 30, options: [], ...more }) as Question
const words = (more: Partial<Question>) => warningsOf(question(more)).map(({ what }) => what)

describe('rows', () => {
  const rows = [row('Ә', '2', '11 «Б»', false), row('Б', null, '11 «А»'), row('А', '9', '11 «Б»', true)]
  it('stand by the Kazakh alphabet, by points or by class', () => {
    const names = (by: Parameters<typeof ordered>[1]) => ordered(rows, by).map(({ name }) => name)
    expect(names('name')).toEqual(['А', 'Ә', 'Б'])
    expect(names('points')).toEqual(['А', 'Ә', 'Б'])
    expect(names('group')).toEqual(['Б', 'А', 'Ә'])
  })
  it('tell who did not pass in any attempt', () => {
    expect([...failedIn([...rows, row('В', '1', '', false), row('В', '8', '', true)])]).toEqual(['Ә'])
  })
})

it('draws columns as tall as they are to each other', () => {
  expect(heights([{ count: 1 }, { count: 4 }, { count: 0 }])).toEqual([0.25, 1, 0])
  expect(heights([{ count: 0 }])).toEqual([0])
})

describe('a question', () => {
  it('that does its work has no warning', () => expect(words({})).toEqual([]))
  it.each([
    ['upsideDown', { discrimination: -0.2 }],
    ['tellsLittle', { discrimination: 0.05 }],
    ['tooHard', { facility: 0.1 }],
    ['tooEasy', { facility: 0.99, discrimination: 0.01 }],
  ])('%s', (what, figures) => expect(words(figures)).toEqual([what]))

  const option = (more: object) =>
    ({ id: 'A', title: { kk: '', ru: '', en: '' }, right: false, suspect: false, share: 0.2, ...more }) as Question['options'][number]
  it('tells of options that mislead, and of those that nobody chooses', () => {
    expect(words({ options: [option({ suspect: true })] })).toEqual(['optionMisleads'])
    expect(words({ options: [option({ suspect: true, right: true })] })).toEqual(['keyMisleads'])
    expect(words({ options: [option({ share: 0 })] })).toEqual(['unchosen'])
    expect(words({ asked: 10, discrimination: -1, options: [option({ share: 0, suspect: true })] })).toEqual([])
    expect(words({ asked: 0, facility: null })).toEqual([])
    expect(words({ options: [option({ share: 0, right: true })] })).toEqual([])
  })
})

it('says of the whole test how far its points can be relied on', () => {
  expect([alphaWord(null, 30), alphaWord(0.9, 5)]).toEqual(['none', 'few'])
  expect([alphaWord(0.5, 30), alphaWord(0.75, 30), alphaWord(0.9, 30)]).toEqual(['weak', 'good', 'high'])
})
