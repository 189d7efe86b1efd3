import { describe, expect, it } from 'vitest'
import { Scope } from '../base/scope'
import { FakeSocket } from '../testing/fakeSocket'
import { follow, type Topic } from './events'
import { Link } from './link'
import type { Fact } from './types'

const fact = (position: number, topic = 'lessons:1'): Fact => ({
  stream: 'unit_1',
  position,
  topic,
  name: 'lessons.lesson_opened',
  at: '2026-10-22T04:00:00Z',
  body: { lesson_id: String(position), organisation_id: '1', room_id: '' },
})

function setUp(snapshots: { position: number; state: string[] }[]) {
  const socket = new FakeSocket()
  const scope = new Scope()
  const topic: Topic<string[]> = {
    snapshot: async () => ({ topic: 'lessons:1', ...snapshots.shift()! }),
    reduce: (state, fact) =>
      fact.name === 'lessons.lesson_opened' ? [...state, fact.body.lesson_id] : state,
  }
  const link = new Link(socket)
  link.use(scope)
  const follower = follow(scope, link, topic)
  const state = () => {
    const synced = follower.value.get()
    return synced.phase === 'ready' ? synced.state : synced.phase
  }
  return { socket, scope, state }
}

describe('follow', () => {
  it('takes the snapshot and then only what came after it', async () => {
    const { socket, state } = setUp([{ position: 5, state: ['5'] }])
    socket.answer('subscribe', () => ({ ok: { position: 7, events: [fact(6), fact(7)] } }))
    await socket.settle()
    socket.open()
    await socket.settle()
    expect(state()).toEqual(['5', '6', '7'])
    socket.tell('event', fact(7))
    socket.tell('event', fact(8, 'lessons:2'))
    socket.tell('event', fact(9))
    expect(state()).toEqual(['5', '6', '7', '9'])
  })

  it('does not lose a fact that overtakes the answer to the subscription', async () => {
    const { socket, state } = setUp([{ position: 5, state: [] }])
    socket.open()
    socket.answer('subscribe', () => {
      socket.tell('event', fact(8))
      return { ok: { position: 7, events: [fact(6), fact(7)] } }
    })
    await socket.settle()
    expect(state()).toEqual(['6', '7', '8'])
  })

  it('asks from the last position after a reconnection', async () => {
    const { socket, state } = setUp([{ position: 1, state: [] }])
    const asked: number[] = []
    socket.answer('subscribe', (body) => {
      asked.push(body.position as number)
      return { ok: { position: body.position, events: [] } }
    })
    socket.open()
    await socket.settle()
    socket.tell('event', fact(4))
    socket.close()
    socket.open()
    await socket.settle()
    expect(asked).toEqual([1, 4])
    expect(state()).toEqual(['4'])
  })

  it('takes a new snapshot when its position is too old', async () => {
    const { socket, state } = setUp([
      { position: 1, state: ['old'] },
      { position: 90, state: ['new'] },
    ])
    socket.answer('subscribe', ({ position }) =>
      position === 1
        ? { problem: { code: 'position_too_old', status: 409 } }
        : { ok: { position: 90, events: [] } },
    )
    socket.open()
    await socket.settle()
    expect(state()).toEqual(['new'])
  })

  it('says farewell when its scope ends', async () => {
    const { socket, scope } = setUp([{ position: 1, state: [] }])
    socket.answer('subscribe', () => ({ ok: { position: 1, events: [] } }))
    socket.open()
    await socket.settle()
    scope.end()
    expect(socket.sent.map(([name]) => name)).toEqual(['subscribe', 'unsubscribe'])
  })
})
