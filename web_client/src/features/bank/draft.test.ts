import { describe, expect, it } from 'vitest'
import {
  changeKind,
  fresh,
  freshBody,
  freeGap,
  gapsIn,
  isBlank,
  missingIn,
  moved,
  options,
  say,
  texts,
  tidied,
} from './draft'
import { type Item, KINDS, type Matching, type Option, type Single } from './plain'
import { read } from './writing'

const said = (id: string, kk = '', ru = ''): Option => ({
  id,
  words: { ...(kk && { kk: read(kk) }), ...(ru && { ru: read(ru) }) },
})

describe('a new question', () => {
  it.each(KINDS)('of kind %s is blank, and of no other kind', (kind) => {
    expect(fresh(kind).body.kind).toBe(kind)
    expect(isBlank(fresh(kind))).toBe(true)
  })

  it('names its options by letters', () => {
    expect(options(28).map(({ id }) => id).slice(24)).toEqual(['y', 'z', 'a2', 'b2'])
  })
})

describe('changing the kind', () => {
  it('keeps options and as many right ones as there may be', () => {
    const item: Item = { ...fresh(), body: { kind: 'multiple', options: [said('a', '1'), said('b', '2')], right: ['a', 'b'] } }
    expect(changeKind(item, 'single').body).toMatchObject({ options: [{ id: 'a' }, { id: 'b' }], right: ['a'] })
    expect(changeKind(item, 'ordering').body).toMatchObject({ options: [{ id: 'a' }, { id: 'b' }] })
    expect(changeKind(item, 'multiple')).toBe(item)
  })

  it('keeps a rubric and a picture, and drops a rule that the new kind has not', () => {
    const rubric = [{ id: 'a', words: {}, levels: [] }]
    const essay: Item = { ...fresh(), body: { kind: 'essay', rubric }, rule: 'neighbours' }
    expect(changeKind(essay, 'spoken')).toMatchObject({ body: { kind: 'spoken', rubric }, rule: '' })
    const hotspot = fresh('hotspot')
    expect(changeKind(hotspot, 'drag_onto').body).toMatchObject({ picture: { width: 0 } })
  })
})

describe('texts', () => {
  const item: Item = {
    ...fresh(),
    prompt: { kk: read('Сұрақ'), ru: read('Вопрос') },
    body: { kind: 'single', options: [said('a', 'бір', 'один'), said('b', 'екі')], right: ['a'] },
    feedback: { general: { ru: read('Подсказка') } },
  }

  it('are found with the places that faults name', () => {
    expect(texts(item).map(({ where }) => where)).toEqual([
      ...['prompt', 'body.options[0].words', 'body.options[1].words', 'feedback.general'],
    ])
    expect(texts(fresh('true_false')).map(({ where }) => where)).toEqual(['prompt'])
  })

  it('are counted where a language lacks them', () => {
    expect([missingIn(item, 'kk'), missingIn(item, 'ru'), missingIn(item, 'en')]).toEqual([1, 1, 4])
    expect(missingIn(fresh(), 'kk')).toBe(0)
  })

  it('are taken away with their last letter', () => {
    expect(say({ kk: read('a') }, 'kk', read(''))).toEqual({})
    expect(say(undefined, 'ru', read('a'))).toEqual({ ru: read('a') })
  })
})

describe('what is sent', () => {
  it('has no empty options, and no key that names one', () => {
    const body: Single = { kind: 'single', options: [said('a', '1'), said('b'), said('c', '3')], right: ['b'], worth: [{ id: 'b', share: '0.5' }] }
    expect(tidied({ ...fresh(), body }).body).toEqual({
      ...body,
      options: [body.options[0], body.options[2]],
      right: [],
      worth: [],
    })
  })

  it('has no empty answers, and no pairs of empty ones', () => {
    expect(tidied(fresh('short')).body).toEqual({ kind: 'short', accepted: [] })
    expect(tidied(fresh('numeric')).body).toEqual({ kind: 'numeric', near: [] })
    const matching = freshBody('matching') as Matching
    const left = [said('a', 'x'), ...matching.left.slice(1)]
    expect(tidied({ ...fresh(), body: { ...matching, left, right: [said('a', 'y')] } }).body).toMatchObject({
      left: [{ id: 'a' }],
      right: [{ id: 'a' }],
      pairs: [{ left: 'a', right: 'a' }],
    })
  })

  it('has a gap for each blank of the prompt, and no other', () => {
    const prompt = { kk: read('[[2]] және [[1]]'), ru: read('[[1]] и [[3]]') }
    const gaps = gapsIn(prompt, [{ id: '1', body: { kind: 'numeric', near: [] } }, { id: '9', body: { kind: 'short', accepted: [] } }])
    expect(gaps.map(({ id, body }) => [id, body.kind])).toEqual([['2', 'short'], ['1', 'numeric'], ['3', 'short']])
    expect(freeGap(gaps)).toBe('4')
    const table: Item = { ...fresh('table'), body: { kind: 'table', rows: [[{}, { gap: '1' }]], gaps } }
    expect(tidied(table).body).toMatchObject({ gaps: [{ id: '1' }] })
  })
})

it('moves one of a list', () => {
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
})
