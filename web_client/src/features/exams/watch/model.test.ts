import { describe, expect, it } from 'vitest'
import type { ExamsApi, SittingRow } from '../../../api/exams'
import { Link } from '../../../api/link'
import type { Fact } from '../../../api/types'
import { ManualClock } from '../../../base/clock'
import { Scope } from '../../../base/scope'
import { FakeSocket } from '../../../testing/fakeSocket'
import { actsOf, countOf, held, inOrder, leftAt, type State, WatchModel } from './model'

const row = (id: string, state: State, since = '2026-11-22T10:00:00Z'): SittingRow => ({
  id,
  person_id: `person_${id}`,
  name: id,
  seat: '',
  number: 'A1',
  attempt: 1,
  language: 'kk',
  state,
  act: 'start',
  why: '',
  since,
  section: 0,
  answered: 0,
  questions: 10,
  left: { whole: 600, section: null, deadline: null, stands: false },
  seen_at: null,
  interrupted_seconds: 0,
  began_at: null,
})
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

it('offers what the table of the server permits', () => {
  expect(actsOf('checking', false)).toEqual(['admit'])
  expect(actsOf('checking', true)).toEqual(['admit', 'miss'])
  expect(actsOf('running', false)).toEqual(['pause', 'add_time', 'hand_in', 'terminate'])
  expect(actsOf('terminated', true)).toEqual(['reactivate'])
  expect(actsOf('accepted', true)).toEqual([])
})

it('puts who waits for somebody first, the one who waits longest before others', () => {
  const rows = [
    row('done', 'handed_in'),
    row('late', 'checking', '2026-11-22T10:05:00Z'),
    row('works', 'running'),
    row('early', 'checking', '2026-11-22T10:01:00Z'),
    row('gone', 'interrupted'),
  ]
  expect(inOrder(rows).map(({ id }) => id)).toEqual(['early', 'late', 'gone', 'works', 'done'])
  expect(countOf(rows)).toEqual({ handed_in: 1, checking: 2, running: 1, interrupted: 1 })
})

it('holds the order while something is looked at', () => {
  const rows = [row('a', 'handed_in'), row('b', 'checking'), row('new', 'checking')]
  expect(held(['a', 'gone', 'b'], rows).map(({ id }) => id)).toEqual(['a', 'b', 'new'])
})

describe('time left', () => {
  const left = (whole: number | null, section: number | null, stands = false) =>
    leftAt({ left: { whole, section, deadline: null, stands } }, 10_000, 40_000)
  it('runs from when it was read, the shorter of both', () => {
    expect(left(600, null)).toBe(570)
    expect(left(600, 100)).toBe(70)
    expect(left(10, null)).toBe(0)
  })
  it('stands, or has no end', () => {
    expect(left(600, null, true)).toBe(600)
    expect(left(null, null)).toBeNull()
  })
})

describe('WatchModel', () => {
  function watching() {
    const answers: SittingRow[][] = [[row('a', 'checking')]]
    let asked = 0
    const moved: unknown[] = []
    const api = {
      sittings: async () => ({ items: answers[Math.min(asked++, answers.length - 1)]!, position: 4 }),
      move: async (...all: unknown[]) => {
        moved.push(all)
      },
    } as unknown as ExamsApi
    const socket = new FakeSocket()
    socket.answer('subscribe', ({ position }) => ({ ok: { position, events: [] } }))
    const clock = new ManualClock(1_000)
    const scope = new Scope()
    const model = new WatchModel(scope, api, new Link(socket, clock), clock, 'exam_1')
    socket.open()
    const states = () => {
      const now = model.sittings.get()
      return now.phase === 'ready' ? now.state.rows.map(({ state }) => state) : now.phase
    }
    return { answers, moved, socket, clock, scope, model, states, asked: () => asked }
  }

  it('reads anew when somebody moves, and every ten seconds', async () => {
    const { answers, socket, clock, states, asked } = watching()
    await settle()
    expect(states()).toEqual(['checking'])
    answers.push([row('a', 'running')])
    const fact = { position: 5, topic: 'exam:exam_1', name: 'exams.sitting_moved', body: {} }
    socket.tell('event', fact as unknown as Fact)
    await settle()
    expect(states()).toEqual(['running'])
    answers.push([row('a', 'handed_in')])
    clock.advance(10_000)
    await settle()
    expect([states(), asked()]).toEqual([['handed_in'], 3])
  })

  it('moves a sitting and shows what it is then', async () => {
    const { answers, model, moved, states } = watching()
    await settle()
    answers.push([row('a', 'paused')])
    await model.move('a', 'add_time', 'Жарық сөнді', 300)
    expect(moved).toEqual([['a', { act: 'add_time', why: 'Жарық сөнді', added_seconds: 300 }]])
    expect(states()).toEqual(['paused'])
  })

  it('asks no more after its end', async () => {
    const { clock, scope, asked } = watching()
    await settle()
    scope.end()
    clock.advance(60_000)
    await settle()
    expect(asked()).toBe(1)
  })
})
