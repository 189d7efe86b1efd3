import { describe, expect, it } from 'vitest'
import type { ExamsApi, MarkingQueue, MarkingTask } from '../../../api/exams'
import { Refusal } from '../../../base/errors'
import { Scope } from '../../../base/scope'
import { MarkingModel } from './model'
import { levelBy, nextOpen, rubricPoints, typedAfter, unfit } from './points'

const level = (id: string, points: string) => ({ id, points, words: {} })
const rubric = [
  { id: 'idea', words: {}, levels: [level('no', '0'), level('some', '1.5'), level('full', '3')] },
  { id: 'style', words: {}, levels: [level('no', '0'), level('yes', '2')] },
] as unknown as MarkingTask['rubric']

describe('points by digits', () => {
  const type = (keys: string, most = 10) => [...keys].reduce((typed, key) => typedAfter(typed, key, most), '')
  it('are typed, and begun anew above the most', () => {
    expect([type('7'), type('10'), type('75'), type('2.5'), type('05')]).toEqual(['7', '10', '5', '2,5', '5'])
    expect(type('4', 3)).toBe('')
    expect(typedAfter('2,5', 'Backspace', 10)).toBe('2,')
    expect(typedAfter('2', 'x', 10)).toBe('2')
  })

  it.each([
    ['', 'missing'],
    ['x', 'number'],
    ['6', 'above'],
    ['2,3', 'step'],
    ['2,5', null],
    ['5', null],
  ])('"%s" of five in halves: %s', (typed, why) => expect(unfit(typed, '5', '0.5')).toBe(why))

  it('the whole is always in step', () => expect(unfit('3,3', '3.3', '1')).toBeNull())
})

describe('a rubric', () => {
  it('gives points when every criterion has a level', () => {
    expect(rubricPoints(rubric, { idea: 'some' })).toBeNull()
    expect(rubricPoints(rubric, { idea: 'some', style: 'yes' })).toBe(3.5)
  })
  it('is filled by digits, one criterion after the other', () => {
    expect(levelBy('3', rubric, 0)).toEqual(['idea', 'full'])
    expect(levelBy('3', rubric, 1)).toBeNull()
    expect(nextOpen(rubric, { idea: 'full' }, 0)).toBe(1)
    expect(nextOpen(rubric, { style: 'no' }, 1)).toBe(0)
    expect(nextOpen(rubric, { idea: 'no', style: 'no' }, 1)).toBe(1)
  })
})

const task = (sitting_id: string, place = 3) =>
  ({ sitting_id, place, number: sitting_id, revision: 2, seen: 7 }) as MarkingTask
const queue = (todo: number) => ({ questions: [{ todo }], sittings: [], anonymous: true }) as unknown as MarkingQueue
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('MarkingModel', () => {
  function marking(tasks: (MarkingTask | null)[], refusal?: Refusal) {
    const asked: unknown[] = []
    const marked: unknown[] = []
    let todo = 3
    const api = {
      queue: async () => queue(todo--),
      nextTask: async (_: string, query: unknown) => {
        asked.push(query)
        return { left: tasks.length, task: tasks.shift() ?? null }
      },
      mark: async (...all: unknown[]) => {
        if (refusal) throw refusal
        marked.push(all)
        return { points: '4', agreed: true, wants: '' }
      },
    } as unknown as ExamsApi
    return { model: new MarkingModel(new Scope(), api, 'exam_1'), asked, marked }
  }
  const body = { points: '4', levels: [], comment: 'Жақсы' }

  it('keeps a mark and goes on with the next answer, to the end', async () => {
    const { model, asked, marked } = marking([task('a'), task('b'), null])
    await settle()
    await model.mark(body)
    expect(marked).toEqual([['a', { place: 3, revision: 2, seen: 7, ...body }]])
    expect(model.state.get()).toMatchObject({ task: { sitting_id: 'b' }, left: 2, last: { points: '4' }, queue: queue(2) })
    await model.mark(body)
    expect(model.state.get()).toMatchObject({ phase: 'ready', task: null })
    expect(asked).toEqual([{}, { after: 'a:3' }, { after: 'b:3' }])
  })

  it('marks one question through, or one learner', async () => {
    const { model, asked } = marking([task('a'), task('b'), task('c')])
    await settle()
    await model.go({ item: 'item_1' })
    await model.skip()
    expect(asked).toEqual([{}, { item: 'item_1' }, { item: 'item_1', after: 'b:3' }])
  })

  it('keeps the answer in sight when the mark is refused', async () => {
    const { model } = marking([task('a')], new Refusal('same_marker', 409))
    await settle()
    await model.mark(body)
    expect(model.state.get()).toMatchObject({ task: { sitting_id: 'a' }, busy: false, error: { code: 'same_marker' } })
  })

  it('gives one mark for two clicks', async () => {
    const { model, marked } = marking([task('a'), task('b')])
    await settle()
    await Promise.all([model.mark(body), model.mark(body)])
    expect(marked).toHaveLength(1)
  })
})
