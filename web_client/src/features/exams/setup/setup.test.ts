import { expect, it } from 'vitest'
import type { ExamsApi } from '../../../api/exams'
import { Scope } from '../../../base/scope'
import { emptyCell, emptySection, newDraft } from '../draft'
import { Counter } from './count'
import { isSimple, withCell, withSection } from './form'

const draft = { ...newDraft(0, 'Asia/Almaty', 'kk'), banks: ['a', 'b'] }

it('counts what the banks have for all cells at once, and each cell once', async () => {
  const asked: unknown[] = []
  const fits = async (body: { cells: unknown[] }) => {
    asked.push(body)
    return { counts: body.cells.map((_, at) => 14 + at) }
  }
  const counter = new Counter(new Scope(), { fits } as unknown as ExamsApi)
  const hard = { ...emptyCell, difficulty: 5 }
  await counter.want({ ...draft, banks: [] })
  void counter.want(draft)
  expect(counter.of(draft, emptyCell)).toBeUndefined()
  const two = { ...draft, sections: [{ ...emptySection, cells: [emptyCell, hard, hard] }] }
  await counter.want(two)
  await counter.want(two)
  expect([counter.of(two, emptyCell), counter.of(two, hard)]).toEqual([14, 14])
  expect(asked).toMatchObject([
    { banks: ['a', 'b'], languages: ['kk'], cells: [{ objective: '', difficulty: 0 }] },
    { cells: [{ objective: '', difficulty: 5 }] },
  ])
  expect(counter.of({ ...two, languages: ['kk', 'ru'] }, hard)).toBeUndefined()
})

it('asks again for what was not answered', async () => {
  let fails = true
  const fits = async () => {
    if (fails) throw new Error('no line')
    return { counts: [3] }
  }
  const counter = new Counter(new Scope(), { fits } as unknown as ExamsApi)
  await counter.want(draft)
  fails = false
  await counter.want(draft)
  expect(counter.of(draft, emptyCell)).toBe(3)
})

it('changes one section and one cell, and knows the simple form', () => {
  expect(isSimple(draft)).toBe(true)
  const named = { ...draft, ...withSection(draft, 0, { name: 'А' }) }
  expect([named.sections[0]!.name, isSimple(named)]).toEqual(['А', false])
  expect(withSection(draft, 0, null)).toEqual({ sections: [] })
  const two = withCell({ ...emptySection, cells: [emptyCell, emptyCell] }, 1, { objective: '11.1' })
  expect(two.cells.map(({ objective }) => objective)).toEqual(['', '11.1'])
  expect(withCell(two, 0, null).cells).toHaveLength(1)
  expect(isSimple({ sections: [two] })).toBe(false)
  expect(isSimple({ sections: [{ ...emptySection, cells: [] }] })).toBe(false)
})
