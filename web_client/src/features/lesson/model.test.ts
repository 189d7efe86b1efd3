import { beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../api/client'
import { Link } from '../../api/link'
import type { LessonView, Me } from '../../api/types'
import { ManualClock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { Devices } from '../../media/devices'
import { FakeComputer, forgetful } from '../../testing/fakeComputer'
import { FakeSocket } from '../../testing/fakeSocket'
import { at, lesson } from '../../testing/lessons'
import { KeptLesson } from './kept'
import { LessonVisit } from './model'

beforeAll(() => {
  HTMLMediaElement.prototype.play = async () => undefined
})

class Store extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null
  setItem = (key: string, value: string) => void this.set(key, value)
  removeItem = (key: string) => void this.delete(key)
}

/** A school with one lesson, and a visitor to it. */
async function visit(view: Partial<LessonView>, kept = new Store()) {
  const socket = new FakeSocket()
  const scope = new Scope()
  const clock = new ManualClock(Date.parse(at('09:46')))
  const school = { lesson: lesson('lesson_1', '09:50', '10:35', view), asked: 0 }
  const api = {
    lesson: async () => ({ position: 1, lesson: school.lesson }),
    messages: async () => ({ position: 1, items: [], earlier: null }),
    joinLesson: async () => {
      school.asked++
      const { state, my_part } = school.lesson
      if (state === 'ended') throw new Refusal('lesson_ended', 409)
      if (state === 'planned' && my_part !== 'lead') throw new Refusal('lesson_not_open', 409)
      return {
        grant: `grant_${school.asked}`,
        ice_servers: [],
        lesson: school.lesson,
        recording: { on: false, consent: 'asked' as const },
      }
    },
    endLesson: async () => ({ ...school.lesson, state: 'ended' as const }),
  }
  socket.answer('subscribe', ({ position }) => ({ ok: { position, events: [] } }))
  const devices = new Devices(scope, new FakeComputer() as unknown as MediaDevices, forgetful)
  const around = {
    api: api as unknown as Api,
    link: new Link(socket),
    clock,
    me: { id: 'person_1' } as Me,
    kept: new KeptLesson('lesson_1', kept),
  }
  const model = new LessonVisit(scope, around, 'lesson_1', devices)
  const settle = async () => {
    for (let i = 0; i < 4; i++) await socket.settle()
  }
  await settle()
  socket.open()
  await settle()
  const open = () => {
    school.lesson = { ...school.lesson, state: 'open' }
    socket.tell('event', {
      stream: 'unit_1',
      position: 9,
      topic: 'lessons:unit_1',
      name: 'lessons.lesson_opened',
      at: at('09:50'),
      body: { lesson_id: 'lesson_1', organisation_id: 'unit_1', room_id: '' },
    })
  }
  return { model, socket, school, clock, devices, kept, settle, open }
}

describe('LessonVisit', () => {
  it('begins with the devices, and lets the teacher in', async () => {
    const { model, devices, settle } = await visit({})
    expect(model.stage.get()).toMatchObject({ name: 'before', waiting: false })
    expect(devices.camera.get().wanted).toBe(true)
    await model.enter()
    await settle()
    expect(model.stage.get().name).toBe('inside')
  })

  it('opens no device of one who only listens', async () => {
    const { devices } = await visit({ my_part: 'see', state: 'open' })
    expect(devices.microphone.get().wanted).toBe(false)
  })

  it('waits for the teacher and goes in by itself', async () => {
    const { model, settle, open } = await visit({ my_part: 'join' })
    await model.enter()
    expect(model.stage.get()).toMatchObject({ name: 'before', waiting: true, error: null })
    open()
    await settle()
    expect(model.stage.get().name).toBe('inside')
  })

  it('looks again from time to time, should the news be lost', async () => {
    const { model, school, clock, settle } = await visit({ my_part: 'join' })
    await model.enter()
    school.lesson = { ...school.lesson, state: 'open' }
    clock.advance(10_000)
    await settle()
    expect(model.stage.get().name).toBe('inside')
  })

  it('waits no longer than one wants', async () => {
    const { model, settle, open } = await visit({ my_part: 'join' })
    await model.enter()
    model.stopWaiting()
    open()
    await settle()
    expect(model.stage.get()).toMatchObject({ name: 'before', waiting: false })
  })

  it('leads straight back after a reload, as silent as one was', async () => {
    const kept = new Store()
    new KeptLesson('lesson_1', kept).write({ grant: 'kept', relays: [], microphone: false, camera: true })
    const { model, school, devices } = await visit({ my_part: 'join', state: 'open' }, kept)
    expect(model.stage.get().name).toBe('inside')
    expect(school.asked).toBe(0)
    expect([devices.microphone.get().wanted, devices.camera.get().wanted]).toEqual([false, true])
  })

  it('says that it is over when the room closes, and gives the devices back', async () => {
    const { model, socket, devices, kept, settle } = await visit({ state: 'open' })
    await model.enter()
    await settle()
    socket.tell('signal', { name: 'room_closed', body: {} })
    expect(model.stage.get()).toMatchObject({ name: 'after', ending: 'closed' })
    expect(devices.camera.get().wanted).toBe(false)
    expect(kept.size).toBe(0)
  })

  it('lets the teacher end it, and open it again', async () => {
    const { model, settle } = await visit({ state: 'open' })
    await model.enter()
    await settle()
    await model.endForAll()
    expect(model.stage.get()).toMatchObject({ name: 'after', ending: 'closed' })
    model.back()
    await model.enter()
    expect(model.stage.get().name).toBe('inside')
  })

  it('does not lead into a lesson that has ended', async () => {
    const { model } = await visit({ state: 'ended', my_part: 'join' })
    expect(model.stage.get()).toMatchObject({ name: 'after', ending: 'closed' })
  })
})
