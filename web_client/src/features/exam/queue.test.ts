import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { Refusal, unreachable } from '../../base/errors'
import { Scope } from '../../base/scope'
import type { Answer } from '../questions/shapes'
import type { AnswerStore, KeptAnswer } from './kept'
import { type Save, SaveQueue } from './queue'

const typed = (text: string): Answer => ({ kind: 'typed', text })
const textOf = (answer: Answer | null | undefined) => (answer?.kind === 'typed' ? answer.text : null)

/** Keeps what was put at once, or only after a while: what was not kept by then is gone with the page. */
class Browser implements AnswerStore {
  private readonly safe = new Map<number, KeptAnswer>()
  private pending: [KeptAnswer, () => void][] = []
  atOnce = true

  async answers() {
    return [...this.safe.values()]
  }

  keep(answer: KeptAnswer) {
    return new Promise<void>((resolve) => {
      this.pending.push([answer, resolve])
      if (this.atOnce) this.settle()
    })
  }

  settle() {
    for (const [answer, done] of this.pending) {
      this.safe.set(answer.place, answer)
      done()
    }
    this.pending = []
  }

  crash() {
    this.pending = []
  }
}

/** Takes answers as `lms_core/exams/saves.py` does, over a line that breaks before or behind it. */
class Server {
  readonly held = new Map<number, { revision: number; answer: Answer | null; marked: boolean }>()
  readonly taken: Save[] = []
  line: 'whole' | 'cut' | 'deaf' = 'whole'
  refuses: Refusal | null = null

  readonly send = async (save: Save) => {
    await Promise.resolve()
    if (this.line === 'cut') throw unreachable()
    if (this.refuses) throw this.refuses
    const answer = this.judge(save)
    await Promise.resolve()
    if (this.line === 'deaf') throw unreachable()
    return answer
  }

  answers() {
    return [...this.held].map(([place, one]) => ({ place, ...one }))
  }

  private judge(save: Save) {
    const held = this.held.get(save.place)
    if (held && save.revision === held.revision && textOf(held.answer) !== textOf(save.answer)) {
      throw new Refusal('answer_conflict', 409, { revision: held.revision })
    }
    if (held && save.revision <= held.revision) return { revision: held.revision }
    this.taken.push(save)
    this.held.set(save.place, { revision: save.revision, answer: save.answer, marked: save.marked })
    return { revision: save.revision }
  }
}

class Device {
  readonly clock = new ManualClock(0)
  readonly browser = new Browser()
  readonly server = new Server()
  wallOff = 1_000_000
  private opened = 0
  private ticks = 0
  private scope = new Scope()
  queue = this.make()

  async open(held = true) {
    this.scope.end()
    this.browser.crash()
    this.scope = new Scope()
    this.opened = this.clock.now()
    this.queue = this.make()
    await this.queue.begin(held ? this.server.answers() : null)
  }

  async pass(milliseconds: number) {
    for (let at = 0; at < milliseconds; at += 250) {
      if (!this.browser.atOnce && ++this.ticks % 3 === 0) this.browser.settle()
      this.clock.advance(Math.min(250, milliseconds - at))
      for (let i = 0; i < 12; i++) await Promise.resolve()
    }
  }

  private make() {
    const clocks = { wall: () => this.clock.now() + this.wallOff, steady: () => this.clock.now() - this.opened }
    return new SaveQueue(this.scope, this.clock, clocks, 'sitting_1', this.browser, this.server.send)
  }
}

describe('an answer', () => {
  it('is on the server within two seconds, however long one types', async () => {
    const device = new Device()
    await device.open()
    for (let key = 1; key <= 12; key++) {
      device.queue.write(1, typed('x'.repeat(key)))
      await device.pass(250)
    }
    expect(device.server.taken.length).toBeGreaterThanOrEqual(1)
    expect(textOf(device.server.taken[0]!.answer)!.length).toBeLessThanOrEqual(8)
    await device.pass(2_000)
    expect(textOf(device.server.held.get(1)!.answer)).toBe('x'.repeat(12))
    expect(device.queue.unsent).toEqual([])
    expect(device.queue.state.get().savedAt).toBeGreaterThan(1_000_000)
  })

  it('waits for the line, says since when it is cut, and goes in the order of writing with its age', async () => {
    const device = new Device()
    await device.open()
    device.server.line = 'cut'
    device.queue.write(2, typed('b'))
    await device.pass(10_000)
    expect(device.queue.state.get().cutSince).toBe(500)
    device.queue.write(1, typed('a'))
    await device.pass(30_000)
    device.server.line = 'whole'
    device.queue.hurry()
    await device.pass(250)
    expect(device.server.taken.map(({ place }) => place)).toEqual([2, 1])
    expect(device.server.taken.map(({ ageMs }) => Math.floor(ageMs / 1_000))).toEqual([40, 30])
    expect(device.queue.state.get().cutSince).toBe(null)
  })

  it('has its age by the steady clock, though somebody sets the other one', async () => {
    const device = new Device()
    await device.open()
    device.server.line = 'cut'
    device.queue.write(1, typed('a'))
    const written = device.clock.now() + device.wallOff
    device.wallOff -= 3_600_000
    await device.pass(5_000)
    device.server.line = 'whole'
    await device.pass(9_000)
    expect(device.server.taken[0]).toMatchObject({ writtenAt: written })
    expect(device.server.taken[0]!.ageMs).toBeGreaterThanOrEqual(5_000)
    expect(device.server.taken[0]!.ageMs).toBeLessThanOrEqual(14_000)
  })

  it('is older by the time that the page was away', async () => {
    const device = new Device()
    await device.open()
    device.server.line = 'cut'
    device.queue.write(1, typed('a'))
    await device.pass(20_000)
    await device.open(false)
    device.server.line = 'whole'
    await device.pass(10_000)
    expect(device.server.taken[0]!.ageMs).toBeGreaterThanOrEqual(20_000)
  })

  it('that the server has though its confirmation was lost is confirmed without another copy', async () => {
    const device = new Device()
    await device.open()
    device.server.line = 'deaf'
    device.queue.write(1, typed('a'))
    await device.pass(1_000)
    expect(device.queue.unsent).toHaveLength(1)
    device.server.line = 'whole'
    await device.pass(9_000)
    expect(device.queue.unsent).toEqual([])
    expect(device.server.taken).toHaveLength(1)
  })

  it('changed while it was on its way is sent again', async () => {
    const device = new Device()
    await device.open()
    device.queue.write(1, typed('a'))
    device.clock.advance(500)
    device.queue.write(1, typed('ab'))
    await device.pass(2_000)
    expect(device.server.taken.map(({ answer }) => textOf(answer))).toEqual(['a', 'ab'])
  })

  it('marked to be looked at again keeps what was answered', async () => {
    const device = new Device()
    await device.open()
    device.queue.write(1, typed('a'))
    device.queue.mark(1, true)
    await device.pass(2_000)
    expect(device.server.held.get(1)).toMatchObject({ answer: typed('a'), marked: true })
  })

  it('that comes too late is told of, and is not tried for ever', async () => {
    const device = new Device()
    await device.open()
    device.server.refuses = new Refusal('answer_too_late', 409)
    device.queue.write(1, typed('a'))
    await device.pass(20_000)
    expect(device.queue.state.get().answers.get(1)).toMatchObject({ state: 'refused', refusal: 'answer_too_late' })
    expect(device.queue.state.get().stopped).toBe('')
  })
})

describe('sending', () => {
  it('stops where another device has the sitting, keeps what waits, and goes on when it is brought back', async () => {
    const device = new Device()
    await device.open()
    device.server.refuses = new Refusal('other_device', 409)
    device.queue.write(1, typed('here'))
    await device.pass(2_000)
    expect(device.queue.state.get().stopped).toBe('other_device')
    device.server.refuses = null
    await device.pass(20_000)
    expect(device.server.taken).toEqual([])
    device.server.held.set(2, { revision: 4, answer: typed('there'), marked: false })
    await device.queue.begin(device.server.answers(), true)
    await device.pass(2_000)
    expect(textOf(device.server.held.get(1)!.answer)).toBe('here')
    expect(textOf(device.queue.state.get().answers.get(2)!.answer)).toBe('there')
  })

  it('of everything at once says whether all arrived', async () => {
    const device = new Device()
    await device.open()
    device.queue.write(1, typed('a'))
    device.queue.write(2, typed('b'))
    const first = device.queue.flush()
    await device.pass(250)
    expect(await first).toBe(true)
    device.server.line = 'cut'
    device.queue.write(1, typed('c'))
    const second = device.queue.flush()
    await device.pass(250)
    expect(await second).toBe(false)
  })

  it('does not wait for a file that is on its way', async () => {
    const device = new Device()
    let arrived = () => {}
    const plain = device.server.send
    Object.assign(device.server, {
      send: (save: Save) =>
        save.answer?.kind === 'handed_in' ? new Promise<void>((r) => (arrived = r)).then(() => plain(save)) : plain(save),
    })
    await device.open()
    device.queue.write(1, { kind: 'handed_in', files: [{ sha256: 'a', name: 'a.pdf', size: 1 }] })
    await device.pass(1_000)
    device.queue.write(2, typed('b'))
    await device.pass(2_000)
    expect(device.server.taken.map(({ place }) => place)).toEqual([2])
    arrived()
    await device.pass(250)
    expect(device.queue.unsent).toEqual([])
  })

  it('goes on where this browser keeps nothing, and says so', async () => {
    const device = new Device()
    device.browser.keep = () => Promise.reject(new Error('full'))
    device.browser.answers = () => Promise.reject(new Error('forbidden'))
    await device.open()
    device.queue.write(1, typed('a'))
    await device.pass(2_000)
    expect(textOf(device.server.held.get(1)!.answer)).toBe('a')
    expect(device.queue.state.get().keeps).toBe(false)
  })
})

/** A number from 0 on below `below`; the same seed gives the same ones. */
function dice(seed: number) {
  let state = seed * 2654435761 + 1
  return (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return (state >>> 3) % below
  }
}

describe('no order of saves, cuts and restarts', () => {
  it('loses an answer that was confirmed or kept', async () => {
    for (let seed = 1; seed <= 400; seed++) {
      const roll = dice(seed)
      const device = new Device()
      await device.open()
      device.browser.atOnce = roll(2) === 0
      const written = new Map<number, number>()
      const safe = new Map<number, number>()
      const story: string[] = []
      const nthOf = (place: number) => Number(textOf(device.server.held.get(place)?.answer) ?? -1)
      const noteSafe = async () => {
        for (const one of await device.browser.answers()) {
          if (one.state === 'unsent') safe.set(one.place, Math.max(safe.get(one.place) ?? -1, Number(textOf(one.answer))))
        }
        for (const one of device.queue.state.get().answers.values()) {
          if (one.state === 'sent') safe.set(one.place, Math.max(safe.get(one.place) ?? -1, Number(textOf(one.answer) ?? -1)))
        }
      }
      for (let step = 0; step < 30; step++) {
        const what = roll(9)
        const place = roll(3)
        story.push(`${what}.${place}`)
        if (what <= 3) {
          written.set(place, (written.get(place) ?? -1) + 1 + roll(2))
          device.queue.write(place, typed(String(written.get(place))))
        } else if (what === 4) device.server.line = (['whole', 'cut', 'deaf'] as const)[roll(3)]!
        else if (what === 5) device.browser.settle()
        else if (what === 6) device.queue.hurry()
        else if (what === 7) {
          await noteSafe()
          const online = device.server.line === 'whole'
          await device.open(online && roll(2) === 0)
        }
        await device.pass(roll(6) * 400)
        await noteSafe()
      }
      device.server.line = 'whole'
      device.browser.settle()
      device.queue.hurry()
      await device.pass(12_000)
      await noteSafe()
      expect(device.queue.unsent, `seed ${seed}: ${story.join(' ')}`).toEqual([])
      for (const [place, nth] of safe) {
        expect(nthOf(place), `seed ${seed}, place ${place}: ${story.join(' ')}`).toBeGreaterThanOrEqual(nth)
      }
    }
  })

  it('leaves on the server what stands on the page', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const roll = dice(seed + 9_999)
      const device = new Device()
      await device.open()
      for (let step = 0; step < 25; step++) {
        const what = roll(6)
        if (what <= 2) device.queue.write(roll(3), typed(`${seed}.${step}`))
        else if (what === 3) device.server.line = (['whole', 'cut', 'deaf'] as const)[roll(3)]!
        else if (what === 4) await device.open(device.server.line === 'whole')
        await device.pass(roll(5) * 500)
      }
      device.server.line = 'whole'
      device.queue.hurry()
      await device.pass(12_000)
      for (const one of device.queue.state.get().answers.values()) {
        expect(textOf(device.server.held.get(one.place)!.answer), `seed ${seed}`).toBe(textOf(one.answer))
      }
    }
  })
})
