import { describe, expect, it } from 'vitest'
import type { Api } from '../../api/client'
import { Link } from '../../api/link'
import type { Fact, LessonView, Me } from '../../api/types'
import { ManualClock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { FakeSocket } from '../../testing/fakeSocket'
import { at, lesson } from '../../testing/lessons'
import { TodayModel } from './model'
import { reduceLessons } from './reducer'
import { timelineOf } from './timeline'

const moment = (time: string) => Date.parse(at(time))

describe('timelineOf', () => {
  const day = [
    lesson('c', '10:50', '11:35'),
    lesson('a', '08:00', '08:45', { state: 'ended' }),
    lesson('b', '09:50', '10:35'),
  ]

  it('puts the day in order and the coming lesson first', () => {
    const line = timelineOf(day, moment('09:46'))
    expect(line.past.map((l) => l.id)).toEqual(['a'])
    expect(line.ahead.map((l) => l.id)).toEqual(['b', 'c'])
    expect(line.next).toBe('b')
  })

  it('moves on when the time of a planned lesson is over', () => {
    expect(timelineOf(day, moment('10:35')).next).toBe('c')
    expect(timelineOf(day, moment('12:00'))).toMatchObject({ ahead: [], next: null })
  })

  it('keeps an open lesson ahead however late it is', () => {
    const late = [lesson('b', '09:50', '10:35', { state: 'open' }), lesson('c', '10:50', '11:35')]
    expect(timelineOf(late, moment('10:52')).next).toBe('b')
  })

  it('prefers the lesson opened last, and never one that is only seen', () => {
    const both = [
      lesson('b', '09:50', '10:35', { state: 'open' }),
      lesson('x', '09:55', '10:40', { state: 'open', planned: false }),
      lesson('s', '09:58', '10:40', { state: 'open', my_part: 'see' }),
    ]
    expect(timelineOf(both, moment('10:00')).next).toBe('x')
  })
})

type Name = 'lesson_started' | 'lesson_opened' | 'lesson_ended'
const fact = (position: number, name: Name, id: string) =>
  ({
    stream: 'unit_1',
    position,
    topic: 'lessons:unit_1',
    name: `lessons.${name}`,
    at: at('09:50'),
    body: { lesson_id: id, organisation_id: 'unit_1', room_id: '', ends_at: at('10:20') },
  }) as Fact

describe('reduceLessons', () => {
  const state = { date: '2026-10-22', items: [lesson('b', '09:50', '10:35')], unread: [] }

  it('opens, ends and opens again, bearing repetition', () => {
    const opened = reduceLessons(state, fact(1, 'lesson_opened', 'b'))
    expect(opened.items[0]?.state).toBe('open')
    const ended = reduceLessons(opened, fact(2, 'lesson_ended', 'b'))
    expect(reduceLessons(ended, fact(2, 'lesson_ended', 'b')).items[0]).toMatchObject({
      state: 'ended',
      ends_at: at('10:20'),
    })
    expect(reduceLessons(ended, fact(3, 'lesson_opened', 'b')).items[0]?.state).toBe('open')
  })

  it('notes once what it does not know', () => {
    const once = reduceLessons(state, fact(1, 'lesson_started', 'new'))
    expect(reduceLessons(once, fact(1, 'lesson_started', 'new')).unread).toEqual(['new'])
  })
})

describe('TodayModel', () => {
  function open(api: Partial<Record<keyof Api, unknown>>) {
    const socket = new FakeSocket()
    socket.answer('subscribe', ({ position }) => ({ ok: { position, events: [] } }))
    const scope = new Scope()
    const clock = new ManualClock(moment('23:59'))
    const me = { zone: 'Asia/Almaty' } as Me
    let out = 0
    const link = new Link(socket)
    const model = new TodayModel(scope, api as unknown as Api, link, clock, me, () => out++)
    const ids = () => {
      const synced = model.lessons.get()
      return synced.phase === 'ready' ? synced.state.items.map((item) => item.id) : synced.phase
    }
    return { socket, scope, clock, model, ids, out: () => out }
  }
  const list = (...items: LessonView[]) => ({
    organisation_id: 'unit_1',
    position: 4,
    date: '2026-10-22',
    items,
  })

  it('reads a lesson that somebody has just started', async () => {
    const { socket, ids } = open({
      lessons: async () => list(lesson('b', '09:50', '10:35')),
      lesson: async (id: string) => ({ position: 5, lesson: lesson(id, '10:00', '10:40') }),
    })
    socket.open()
    await socket.settle()
    socket.tell('event', fact(5, 'lesson_started', 'new'))
    await socket.settle()
    expect(ids()).toEqual(['b', 'new'])
  })

  it('reads the day anew when its timetable changes, and no other day', async () => {
    let asked = 0
    const { socket, ids } = open({
      lessons: async () => list(...(asked++ ? [] : [lesson('b', '09:50', '10:35')])),
    })
    socket.open()
    await socket.settle()
    const change = (position: number, day: string) => ({
      ...fact(position, 'lesson_started', ''),
      name: 'lessons.timetable_changed',
      body: { organisation_id: 'unit_1', first: day, last: day },
    })
    socket.tell('event', change(5, '2026-10-23'))
    await socket.settle()
    expect(ids()).toEqual(['b'])
    socket.tell('event', change(6, '2026-10-22'))
    await socket.settle()
    expect([ids(), asked]).toEqual([[], 2])
  })

  it('passes over a lesson that it may not see', async () => {
    const { socket, ids, model } = open({
      lessons: async () => list(lesson('b', '09:50', '10:35')),
      lesson: () => Promise.reject(new Refusal('not_found', 404)),
    })
    socket.open()
    await socket.settle()
    socket.tell('event', fact(5, 'lesson_started', 'other'))
    await socket.settle()
    expect(ids()).toEqual(['b'])
    expect(model.lessons.get()).toMatchObject({ state: { unread: [] } })
  })

  it('reads the next day at midnight of the organisation', async () => {
    let reads = 0
    const { socket, clock } = open({
      lessons: async () => {
        reads++
        return list()
      },
    })
    await socket.settle()
    clock.advance(59_000)
    await socket.settle()
    expect(reads).toBe(1)
    clock.advance(6_000)
    await socket.settle()
    expect(reads).toBe(2)
  })

  it('says so when the log-in has ended', async () => {
    const { socket, out, ids } = open({
      lessons: () => Promise.reject(new Refusal('not_logged_in', 401)),
    })
    await socket.settle()
    expect([out(), ids()]).toEqual([1, 'failed'])
  })

  it('starts a lesson and shows it at once', async () => {
    const { socket, model, ids } = open({
      lessons: async () => list(),
      startLesson: async () => lesson('mine', '23:59', '23:59', { state: 'open' }),
    })
    await socket.settle()
    expect(await model.startLesson('Кеңес')).toBe('mine')
    expect(ids()).toEqual(['mine'])
  })
})
