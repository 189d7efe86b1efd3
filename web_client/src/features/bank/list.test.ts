import { describe, expect, it } from 'vitest'
import { Scope } from '../../base/scope'
import { easeOf, filterOf, ItemsModel, searchOf, tellingOf } from './list'
import type { ItemRow, ItemsPage, ItemsWanted } from './shapes'

const row = (id: string) => ({ id }) as ItemRow
const page = (ids: string, next: string | null = null): ItemsPage => ({ items: [...ids].map(row), next, total: 9, at: '2026-10-22T05:00:00Z' })

function asked() {
  const calls: { wanted: ItemsWanted; answer: (page: ItemsPage) => void; refuse: (error: unknown) => void }[] = []
  const ask = (wanted: ItemsWanted) =>
    new Promise<ItemsPage>((answer, refuse) => calls.push({ wanted, answer, refuse }))
  return { calls, ask }
}
const rest = () => new Promise((done) => setTimeout(done))
const ids = (model: ItemsModel) => {
  const now = model.state.get()
  return now.phase === 'ready' ? now.items.map(({ id }) => id).join('') : now.phase
}

describe('a list of questions', () => {
  it('grows by pages', async () => {
    const { calls, ask } = asked()
    const model = new ItemsModel(new Scope(), ask, { kind: 'single' })
    expect(ids(model)).toBe('loading')
    calls[0]!.answer(page('ab', 'b'))
    await rest()
    void model.more()
    void model.more()
    expect(calls.slice(1).map(({ wanted }) => wanted)).toEqual([{ kind: 'single', after: 'b' }])
    calls[1]!.answer(page('c'))
    await rest()
    expect(ids(model)).toBe('abc')
    void model.more()
    expect(calls.length).toBe(2)
  })

  it('shows the answer to what was asked last, and what was there until then', async () => {
    const { calls, ask } = asked()
    const model = new ItemsModel(new Scope(), ask, {})
    calls[0]!.answer(page('ab', 'b'))
    await rest()
    void model.more()
    model.choose({ search: 'x' })
    model.choose({ search: 'xy' })
    model.choose({ search: 'xy' })
    expect(calls.length).toBe(4)
    expect(ids(model)).toBe('ab')
    calls[3]!.answer(page('d'))
    calls[2]!.answer(page('c'))
    calls[1]!.answer(page('e'))
    await rest()
    expect(ids(model)).toBe('d')
  })

  it('keeps what is shown when a further page fails, and can begin anew', async () => {
    const { calls, ask } = asked()
    const model = new ItemsModel(new Scope(), ask, {})
    calls[0]!.answer(page('a', 'a'))
    await rest()
    void model.more()
    calls[1]!.refuse(new Error('cut'))
    await rest()
    expect(model.state.get()).toMatchObject({ phase: 'ready', busy: false, error: new Error('cut') })
    model.again()
    calls[2]!.refuse(new Error('cut'))
    await rest()
    expect(ids(model)).toBe('failed')
  })

  it('is silent once its page is left', async () => {
    const { calls, ask } = asked()
    const scope = new Scope()
    const model = new ItemsModel(scope, ask, {})
    scope.end()
    calls[0]!.answer(page('a'))
    await rest()
    expect(ids(model)).toBe('loading')
  })
})

it('keeps its filter in the address', () => {
  const filter = { search: 'а б', kind: 'single', difficulty: 3, state: 'draft', language: 'kk' } as const
  expect(filterOf(searchOf(filter))).toEqual(filter)
  expect(searchOf({})).toBe('')
  expect(filterOf('?difficulty=9&kind=&other=1')).toEqual({})
})

it('says what statistics mean', () => {
  expect([0.1, 0.5, 0.95].map(easeOf)).toEqual(['hard', 'fair', 'easy'])
  expect([-0.1, 0.1, 0.4].map(tellingOf)).toEqual(['wrong', 'weak', 'well'])
})
