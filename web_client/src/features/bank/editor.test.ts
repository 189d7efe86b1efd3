import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import type { Shown } from '../questions/shapes'
import type { Trial } from './api'
import { EditorModel, REST, type Writing } from './editor'
import type { Item } from './plain'
import type { ItemView, Tried } from './shapes'
import { read } from './writing'

const item = (text: string): Item => ({
  version: 1,
  prompt: { kk: read(text) },
  body: { kind: 'single', options: [{ id: 'a', words: { kk: read('x') } }, { id: 'b', words: { kk: read('y') } }], right: ['a'] },
})
const view = (version: number, one: Item, faults: ItemView['faults'] = []) =>
  ({ row: { id: 'item_1', bank_id: 'bank_1', version }, item: one, faults, media: {}, may: ['read', 'write'] }) as unknown as ItemView
const shown = { kind: 'single' } as Shown
const rest = () => new Promise((done) => setTimeout(done))

class FakeServer {
  trials: Trial[] = []
  kept: [string, number, Item][] = []
  version = 1
  tried: Partial<Tried> = {}
  refusal: unknown = null
  held: Promise<void> | null = null
  stored = item('Kept')

  async item() {
    return view(this.version, this.stored)
  }
  async preview(trial: Trial) {
    this.trials.push(trial)
    const said = { shown, media: {}, faults: [], outcome: trial.answer ? { points: '1', most: '1', parts: [], needs_person: false } : null, ...this.tried }
    await this.held
    if (this.refusal) throw this.refusal
    return said as Tried
  }
  async createItem(bank: string, one: Item) {
    return this.changeItem(bank, 0, one)
  }
  async changeItem(id: string, version: number, one: Item) {
    await this.held
    if (this.refusal) throw this.refusal
    this.kept.push([id, version, one])
    return view(version + 1, one)
  }
}

let server: FakeServer
let clock: ManualClock
let store: Storage
let scope: Scope

beforeEach(() => {
  server = new FakeServer()
  clock = new ManualClock(0)
  store = sessionStorage
  store.clear()
  scope = new Scope()
})
const opened = async (from: ConstructorParameters<typeof EditorModel>[4] = { itemId: 'item_1' }) => {
  const model = new EditorModel(scope, server, clock, store, from, 'ru')
  await rest()
  clock.advance(0)
  await rest()
  return model
}
const fresh = () => opened({ bankId: 'bank_1', kind: 'single' })
const now = (model: EditorModel) => model.state.get() as Writing
const type = (text: string) => (one: Item) => ({ ...one, prompt: { kk: read(text) } })

describe('an editor', () => {
  it('shows what the server has, as a learner would see it', async () => {
    const model = await opened()
    expect(now(model)).toMatchObject({ changed: false, checked: true, item: server.stored })
    expect(now(model).trial).toMatchObject({ shown, language: 'kk', seed: 1 })
    expect(server.trials).toHaveLength(1)
  })

  it('asks what is wrong once the keys rest, and asks nothing of a new empty question', async () => {
    const model = await fresh()
    expect(server.trials).toHaveLength(0)
    model.change(type('a'))
    clock.advance(REST - 1)
    model.change(type('ab'))
    clock.advance(REST - 1)
    expect(server.trials).toHaveLength(0)
    server.tried = { faults: [{ where: 'body.right', why: 'key' }], shown: null }
    clock.advance(1)
    await rest()
    expect(now(model)).toMatchObject({ checked: true, faults: [{ where: 'body.right', why: 'key' }] })
    expect(now(model).trial.shown).toBeNull()
    expect((server.trials[0]!.item.body as { options: unknown[] }).options).toEqual([])
  })

  it('forgets what it hears of a text that was changed meanwhile', async () => {
    const model = await opened()
    let go = () => {}
    server.held = new Promise((done) => (go = done))
    model.change(type('a'))
    clock.advance(REST)
    server.tried = { faults: [{ where: 'prompt', why: 'long' }] }
    model.change(type('b'))
    go()
    await rest()
    expect(now(model)).toMatchObject({ checked: false, faults: [] })
  })

  it('takes what is no question at all as a fault', async () => {
    const model = await opened()
    server.refusal = new Refusal('malformed', 422, { where: 'penalty' })
    model.change((one) => ({ ...one, penalty: '5x' }))
    clock.advance(REST)
    await rest()
    expect(now(model).faults).toEqual([{ where: 'penalty', why: 'shape' }])
    expect(await model.save()).toBeNull()
    expect(now(model)).toMatchObject({ saving: false, error: new Refusal('item_unfit'), faults: [{ where: 'penalty', why: 'shape' }] })
  })

  it('keeps a new question, then each later version of it', async () => {
    const model = await fresh()
    model.change(type('a'))
    await model.save()
    expect(now(model)).toMatchObject({ changed: false, saving: false })
    model.change(type('b'))
    await model.save()
    expect(server.kept.map(([id, version]) => [id, version])).toEqual([['bank_1', 0], ['item_1', 1]])
  })

  it('keeps what is written while it is being kept', async () => {
    const model = await opened()
    let go = () => {}
    server.held = new Promise((done) => (go = done))
    model.change(type('a'))
    const saving = model.save()
    expect(await model.save()).toBeNull()
    model.change(type('b'))
    go()
    await saving
    expect(now(model)).toMatchObject({ changed: true, item: { prompt: { kk: read('b') } } })
    expect(server.kept).toHaveLength(1)
  })

  it('says why nothing was kept, and loses nothing', async () => {
    const model = await opened()
    model.change(type('a'))
    server.refusal = new Refusal('stale', 409)
    await model.save()
    expect(now(model)).toMatchObject({ changed: true, error: server.refusal, item: { prompt: { kk: read('a') } } })
  })
})

describe('unsaved work', () => {
  it('comes back in the same browser, and goes once it is kept', async () => {
    const model = await fresh()
    model.change(type('unsaved'))
    const again = await fresh()
    expect(now(again)).toMatchObject({ restored: true, changed: true, item: { prompt: { kk: read('unsaved') } } })
    await again.save()
    expect(now(await fresh())).toMatchObject({ restored: false, changed: false })
  })

  it('is of that one version, and can be given up', async () => {
    const model = await opened()
    model.change(type('unsaved'))
    expect(now(await opened())).toMatchObject({ restored: true })
    server.version = 2
    expect(now(await opened())).toMatchObject({ restored: false, item: server.stored })
    model.giveUp()
    server.version = 1
    expect(now(model)).toMatchObject({ changed: false, item: server.stored })
    expect(now(await opened())).toMatchObject({ restored: false })
  })

  it('of an old version is none', async () => {
    const model = await opened()
    model.change(type('unsaved'))
    expect(now(await opened({ itemId: 'item_1', version: 1 }))).toMatchObject({ restored: false })
  })

  it('that cannot be read harms nothing', async () => {
    store.setItem('sabaq.question.item_1', '{"version": 1')
    expect(now(await opened())).toMatchObject({ restored: false, item: server.stored })
  })
})

describe('trying it', () => {
  it('hears what an answer is worth, and forgets it with the next draw', async () => {
    const model = await opened()
    await model.try()
    expect(server.trials).toHaveLength(1)
    model.answer({ kind: 'chosen', ids: ['1'] })
    await model.try()
    expect(now(model).trial).toMatchObject({ outcome: { points: '1' }, busy: false })
    model.look({ seed: 2 })
    expect(now(model).trial).toMatchObject({ outcome: null, answer: null })
    clock.advance(0)
    await rest()
    expect(server.trials.at(-1)).toMatchObject({ seed: '2', answer: null })
  })

  it('says why nothing was heard', async () => {
    const model = await opened()
    model.answer({ kind: 'chosen', ids: ['9'] })
    server.refusal = new Refusal('item_answer_unfit', 422)
    await model.try()
    expect(now(model).trial).toMatchObject({ error: server.refusal, outcome: null, busy: false })
  })

  it('ends with its page', async () => {
    const model = await opened()
    model.change(type('a'))
    scope.end()
    clock.advance(REST)
    expect(server.trials).toHaveLength(1)
  })
})
