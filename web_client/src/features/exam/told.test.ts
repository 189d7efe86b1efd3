import { expect, it } from 'vitest'
import { Link } from '../../api/link'
import type { Fact } from '../../api/types'
import { ManualClock } from '../../base/clock'
import { Scope } from '../../base/scope'
import { Cell } from '../../base/value'
import { FakeSocket } from '../../testing/fakeSocket'
import type { Sitting } from './sitting'
import { hear } from './told'

function hearing(subscribed: (body: Record<string, unknown>) => object) {
  const socket = new FakeSocket()
  socket.answer('subscribe', subscribed)
  const state = new Cell<{ view: { position: number } | null }>({ view: null })
  const told: string[] = []
  const sitting = {
    id: 's',
    state,
    told: ({ body }: Fact) => told.push((body as { act: string }).act),
    position: async () => 40,
  } as unknown as Sitting
  const scope = new Scope()
  hear(scope, new Link(socket, new ManualClock(0)), sitting)
  return { socket, state, told, scope }
}

const fact = (position: number, act: string) =>
  ({ topic: 'sitting:s', position, name: 'exams.sitting_told', body: { act } }) as unknown as Fact

it('hears of a sitting from where it was read, once it was', async () => {
  const { socket, state, told, scope } = hearing(({ position }) => ({ ok: { position, events: [fact(8, 'pause')] } }))
  socket.open()
  await socket.settle()
  expect(socket.sent).toEqual([])
  state.set({ view: { position: 7 } })
  await socket.settle()
  expect(socket.sent).toEqual([['subscribe', { topic: 'sitting:s', position: 7 }]])
  socket.tell('event', fact(9, 'resume'))
  socket.tell('event', fact(9, 'resume'))
  expect(told).toEqual(['pause', 'resume'])
  state.set({ view: { position: 9 } })
  scope.end()
  socket.tell('event', fact(10, 'terminate'))
  expect(told).toEqual(['pause', 'resume'])
})

it('is read anew where the facts since then are gone', async () => {
  const tooOld = { problem: { code: 'position_too_old', status: 410, params: {} } }
  const { socket, state } = hearing(({ position }) => (position === 7 ? tooOld : { ok: { position, events: [] } }))
  state.set({ view: { position: 7 } })
  socket.open()
  await socket.settle()
  expect(socket.sent.map(([, body]) => body.position)).toEqual([7, 40])
})
