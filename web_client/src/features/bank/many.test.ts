import { expect, it } from 'vitest'
import { Scope } from '../../base/scope'
import type { State } from './list'
import { actsOn, type Found, ManyModel, MOST_NAMED, PART } from './many'
import type { Act } from './review'
import type { ItemRow, StatesChanged, StatesWanted } from './shapes'

const row = (id: string, state: State = 'draft') => ({ id, version: 1, state }) as ItemRow
const rows = (ids: string, state?: State) => [...ids].map((id) => row(id, state))
const found: Found = { filter: { state: 'draft' }, total: 3000, at: '2026-10-22T05:00:00Z' }
const submit: Act = { name: 'submit', to: 'review', asks: false, needsSound: true }
const said = (changed: number, next: string | null = null, refused: StatesChanged['refused'] = []): StatesChanged => ({
  changed,
  already: 0,
  refused,
  next,
})
const no = (why: string, count: number) => ({ why, count, items: [] })

function made(...answers: (StatesChanged | Error)[]) {
  const calls: StatesWanted[] = []
  const model = new ManyModel(new Scope(), async (wanted) => {
    calls.push(wanted)
    const answer = answers.shift()!
    if (answer instanceof Error) throw answer
    return Promise.resolve(answer)
  })
  const chosen = () => [...model.state.get().chosen.keys()].join('')
  return { calls, model, chosen }
}

it('chooses one by one, all that are shown, and all that were found', () => {
  const { model, chosen } = made()
  const shown = rows('abc')
  model.toggle(shown[0]!, shown)
  model.toggle(shown[1]!, shown)
  model.toggle(shown[0]!, shown)
  expect(chosen()).toBe('b')
  model.choose(shown)
  expect(chosen()).toBe('abc')
  model.chooseAll(found)
  expect([chosen(), model.state.get().all]).toEqual(['', found])
  model.toggle(shown[1]!, shown)
  expect([chosen(), model.state.get().all]).toEqual(['ac', null])
  model.clear()
  expect(chosen()).toBe('')
})

it('offers what may be done with any of them', () => {
  const names = (states: State[], ...may: string[]) =>
    actsOn({ chosen: new Map(states.map((state, at) => [String(at), row(String(at), state)])), all: null }, may).map(({ name }) => name)
  expect(names(['draft'], 'write', 'review')).toEqual(['submit', 'retire'])
  expect(names(['draft', 'review'], 'write', 'review')).toEqual(['submit', 'retire', 'approve', 'return'])
  expect(names(['review'], 'write')).toEqual(['withdraw'])
  expect(names(['retired'], 'write')).toEqual(['revive'])
  expect(names(['draft'], 'read')).toEqual([])
  const all = (filter: Found['filter']) =>
    actsOn({ chosen: new Map(), all: { ...found, filter } }, ['write', 'review']).map(({ name }) => name)
  expect(all({ state: 'review' })).toEqual(['approve', 'return'])
  expect(all({})).toEqual(['submit', 'retire', 'approve', 'return'])
})

it('names those that are chosen, so many at a time', async () => {
  const { calls, model } = made(said(MOST_NAMED), said(1))
  model.choose(Array.from({ length: MOST_NAMED + 1 }, (_, at) => row(String(at))))
  await model.lead(submit, '')
  expect(calls.map(({ items }) => items?.length)).toEqual([MOST_NAMED, 1])
  expect(calls[0]!.items![0]).toEqual({ id: '0', version: 1 })
  expect(model.state.get()).toMatchObject({ going: null, report: { act: 'submit', changed: MOST_NAMED + 1, cut: false } })
})

it('goes through all that were found part by part, and sums up what came of it', async () => {
  const { calls, model, chosen } = made(said(990, 'x', [no('own_item', 10)]), said(4, null, [no('own_item', 1), no('stale', 2)]))
  model.chooseAll(found)
  await model.lead({ ...submit, name: 'approve', to: 'approved' }, 'ok')
  const asked = { state: 'approved', comment: 'ok', filter: found.filter, seen_at: found.at, most: PART }
  expect(calls).toEqual([asked, { ...asked, after: 'x' }])
  const { report } = model.state.get()
  expect(report).toEqual({ act: 'approve', changed: 994, already: 0, refused: [no('own_item', 11), no('stale', 2)], cut: false })
  expect([chosen(), model.state.get().all]).toEqual(['', null])
})

it('tells what was done before it was stopped or cut off, and throws where nothing was', async () => {
  const stopped = made(said(5, 'x'))
  stopped.model.chooseAll(found)
  const going = stopped.model.lead(submit, '')
  stopped.model.stop()
  await going
  expect(stopped.model.state.get().report).toMatchObject({ changed: 5, cut: true })
  const cut = made(said(5, 'x'), new Error('cut'))
  cut.model.chooseAll(found)
  await cut.model.lead(submit, '')
  expect(cut.model.state.get().report).toMatchObject({ changed: 5, cut: true })
  const failed = made(new Error('cut'))
  failed.model.chooseAll(found)
  await expect(failed.model.lead(submit, '')).rejects.toThrow('cut')
  expect(failed.model.state.get()).toMatchObject({ all: found, going: null, report: null })
})
