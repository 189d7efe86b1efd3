import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Link, type SocketLike } from '../../api/link'
import { ManualClock } from '../../base/clock'
import { Scope } from '../../base/scope'
import { toBase64 } from './base64'
import { moved, writeInto } from './notes/text'
import { read } from './reading'
import { BoardSync } from './sync'
import { FIRST_PAGE, Scene, type Element } from './whiteboard/scene'

const BOARD = 'board_1'
interface Answer {
  ok?: unknown
  problem?: { code: string; status: number; params?: Record<string, unknown> }
}

/** A server of one board, and the browsers that have it open. */
class FakeServer {
  readonly rows: string[] = []
  readonly browsers: Browser[] = []
  refuse: Answer['problem'] | null = null

  answer(from: Browser, name: string, body: { update?: string; after?: number }): Answer {
    if (name === 'board_open') return { ok: this.page(body.after ?? 0) }
    if (this.refuse) return { problem: this.refuse }
    const number = this.rows.push(body.update!)
    for (const other of this.browsers) {
      if (other !== from) other.hear({ board_id: BOARD, number, update: body.update!, by: 'part_1' })
    }
    return { ok: { number } }
  }

  private page(after: number) {
    const items = this.rows.slice(after, after + 2).map((update, at) => ({
      number: after + at + 1,
      at: '',
      update,
    }))
    const more = after + items.length < this.rows.length
    return { may_write: true, state: null, state_number: 0, head: this.rows.length, items, more }
  }
}

class Browser {
  readonly scope = new Scope()
  readonly storage = new Map<string, string>()
  readonly heard = new Map<string, (body: never) => void>()
  readonly sync: BoardSync
  online = true
  deaf = false

  constructor(
    readonly server: FakeServer,
    readonly clock: ManualClock,
  ) {
    const socket: SocketLike = {
      get connected() {
        return true
      },
      active: true,
      connect: () => this.heard.get('connect')?.(undefined as never),
      disconnect: () => undefined,
      on: (event, heard) => this.heard.set(event, heard),
      timeout: () => ({
        emit: (_event, name, body, done) => {
          if (this.online) done(null, server.answer(this, name, body) as never)
          else done(new Error('timeout'), {} as never)
        },
      }),
    }
    const link = new Link(socket, clock)
    link.use(this.scope)
    server.browsers.push(this)
    this.sync = new BoardSync(this.scope, link, clock, BOARD, { storage: this.keeper, state: null })
    this.heard.get('connect')?.(undefined as never)
  }

  get keeper() {
    return {
      getItem: (key: string) => this.storage.get(key) ?? null,
      setItem: (key: string, value: string) => void this.storage.set(key, value),
      removeItem: (key: string) => void this.storage.delete(key),
    }
  }

  get text(): Y.Text {
    return this.sync.doc.getText('notes')
  }

  hear(body: object): void {
    if (!this.deaf) this.heard.get('signal')?.({ name: 'board_update', body } as never)
  }

  cut(): void {
    this.online = false
    this.heard.get('disconnect')?.(undefined as never)
  }

  back(): void {
    this.online = true
    this.heard.get('connect')?.(undefined as never)
  }
}

/** Lets what was promised happen, and time pass. */
async function pass(clock: ManualClock, duration = 200): Promise<void> {
  for (let left = duration; left > 0; left -= 20) {
    clock.advance(20)
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
  }
}

function two() {
  const clock = new ManualClock(0)
  const server = new FakeServer()
  return { clock, server, anna: new Browser(server, clock), misha: new Browser(server, clock) }
}

test('what two type at once both have', async () => {
  const { clock, anna, misha } = two()
  await pass(clock)
  anna.text.insert(0, 'сәлем ')
  misha.text.insert(0, 'привет ')
  await pass(clock)
  expect(anna.text.toString()).toBe(misha.text.toString())
  expect([...anna.text.toString()].sort()).toEqual([...'сәлем привет '].sort())
  expect(anna.sync.state.get()).toBe('saved')
})

test('what is typed while the line is broken is kept, and sent when it is whole', async () => {
  const { clock, server, anna, misha } = two()
  await pass(clock)
  anna.cut()
  anna.text.insert(0, 'бір')
  misha.text.insert(0, 'екі')
  await pass(clock, 3_000)
  expect(anna.sync.state.get()).toBe('cut')
  expect(server.rows.length).toBe(1)
  anna.back()
  await pass(clock, 3_000)
  expect(anna.sync.state.get()).toBe('saved')
  expect(anna.text.toString()).toBe(misha.text.toString())
  expect(anna.text.toString().length).toBe(6)
})

test('a change that was not told is asked for', async () => {
  const { clock, anna, misha } = two()
  await pass(clock)
  misha.deaf = true
  anna.text.insert(0, 'lost ')
  await pass(clock)
  misha.deaf = false
  anna.text.insert(5, 'heard')
  await pass(clock)
  expect(misha.text.toString()).not.toBe('lost heard')
  await pass(clock, 3_000)
  expect(misha.text.toString()).toBe('lost heard')
})

test('a long board is read page by page', async () => {
  const { clock, server, anna } = two()
  await pass(clock)
  for (const letter of 'abcdefg') {
    anna.text.insert(anna.text.length, letter)
    await pass(clock)
  }
  const late = new Browser(server, clock)
  await pass(clock)
  expect(late.text.toString()).toBe('abcdefg')
  const api = { boardUpdates: async (_: string, after: number) => server.answer(late, 'board_open', { after }).ok }
  expect((await read(api as never, BOARD)).getText('notes').toString()).toBe('abcdefg')
})

test('who is told to wait sends later, and what is refused for good is told', async () => {
  const { clock, server, anna } = two()
  await pass(clock)
  server.refuse = { code: 'too_many_attempts', status: 429, params: { retry_after: 2 } }
  anna.text.insert(0, 'x')
  await pass(clock)
  server.refuse = null
  await pass(clock, 1_000)
  expect(server.rows.length).toBe(0)
  await pass(clock, 2_000)
  expect(server.rows.length).toBe(1)
  server.refuse = { code: 'forbidden', status: 403 }
  anna.text.insert(0, 'y')
  await pass(clock)
  expect(anna.sync.mayWrite.get()).toBe(false)
  expect(anna.sync.trouble.get()).toMatchObject({ code: 'forbidden' })
})

test('bytes that are no change disturb nobody', async () => {
  const { clock, anna, misha } = two()
  await pass(clock)
  for (const update of ['AAAA////', '%%%', toBase64(new Uint8Array(3_000).fill(255))]) {
    misha.hear({ board_id: BOARD, number: 1, update, by: 'part_1' })
  }
  anna.text.insert(0, 'whole')
  await pass(clock, 3_000)
  expect(misha.text.toString()).toBe('whole')
})

test('what was not sent outlives the page', async () => {
  const { clock, server, anna } = two()
  await pass(clock)
  anna.cut()
  anna.text.insert(0, 'kept')
  anna.scope.end()
  const again = new Browser(server, clock)
  again.cut()
  for (const [key, value] of anna.storage) again.storage.set(key, value)
  again.back()
  await pass(clock, 2_000)
  expect(again.text.toString()).toBe('kept')
  expect(server.rows.length).toBe(1)
})

test('a field becomes a text by its middle alone', () => {
  const doc = new Y.Doc()
  const text = doc.getText('notes')
  for (const next of ['abc', 'abXc', 'abXc', 'aXc', '', 'сәлем', 'сәл😀ем', 'сәл😁ем', 'ем']) {
    writeInto(text, next)
    expect(text.toString()).toBe(next)
  }
})

test('a cursor stays at its word', () => {
  expect(moved(5, [{ insert: 'ab' }])).toBe(7)
  expect(moved(5, [{ retain: 5 }, { insert: 'ab' }])).toBe(5)
  expect(moved(5, [{ retain: 2 }, { delete: 2 }])).toBe(3)
  expect(moved(5, [{ retain: 2 }, { delete: 20 }])).toBe(2)
})

test('a stroke grows by what was added to it, and reads as it was drawn', () => {
  const one = new Y.Doc()
  const other = new Y.Doc()
  let size = 0
  one.on('update', (update: Uint8Array) => {
    size = update.length
    Y.applyUpdate(other, update)
  })
  const [here, there] = [new Scene(one), new Scene(other)]
  const points: [number, number][] = []
  for (let version = 1; version <= 200; version += 1) {
    points.push([version * 1.25, version / 4])
    const stroke = { id: 's', type: 'freedraw', version, versionNonce: version, isDeleted: false, points: [...points] }
    here.write(FIRST_PAGE, [stroke as unknown as Element])
  }
  expect(size).toBeLessThan(400)
  expect((there.elements(FIRST_PAGE)[0] as { points?: unknown }).points).toEqual(points)
})

test('nothing that asks another site stands on a board', () => {
  const scene = new Scene(new Y.Doc())
  const element = (type: string) => ({ id: type, type, version: 1, versionNonce: 1, link: 'https://a.example' })
  scene.write(FIRST_PAGE, ['embeddable', 'iframe', 'rectangle'].map(element) as unknown as Element[])
  expect(scene.elements(FIRST_PAGE)).toMatchObject([{ type: 'rectangle', link: null }])
  scene.addPicture('p', 'https://a.example/picture.png')
  expect(scene.picture('p')).toBeNull()
})
