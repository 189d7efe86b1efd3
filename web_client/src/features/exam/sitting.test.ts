import { describe, expect, it } from 'vitest'
import type { Fact } from '../../api/types'
import { ManualClock } from '../../base/clock'
import { Refusal, unreachable } from '../../base/errors'
import { Scope } from '../../base/scope'
import type { ExamApi } from './api'
import type { KeptAnswer } from './kept'
import type { Shown } from '../questions/shapes'
import type { SittingView, State } from './shapes'
import { Sitting } from './sitting'
import type { KeptFile, KeptSitting, SittingStore } from './store'
import { Tab } from './tab'

class Memory implements SittingStore {
  readonly kept = new Map<number, KeptAnswer>()
  held: KeptSitting | null = null
  forgotten = 0
  async answers() {
    return [...this.kept.values()]
  }
  async keep(answer: KeptAnswer) {
    this.kept.set(answer.place, answer)
  }
  async sitting() {
    return this.held
  }
  async keepSitting(sitting: KeptSitting) {
    this.held = sitting
  }
  async file(): Promise<KeptFile | null> {
    return null
  }
  async keepFile() {}
  async forget() {
    this.forgotten++
  }
  async forgetBefore() {}
}

const SHORT: Shown = { kind: 'short', points: '1', prompt: {} }
const TOLD: Shown = { kind: 'spoken', live: true, most_seconds: 120, rubric: [], points: '1', prompt: {} }
const asked = (place: number, shown: Shown) =>
  ({ place, section: 0, points: '1', shown, media: {}, answer: null, revision: 0, marked: false }) as const

/** A server that has one sitting. */
class Server {
  line = true
  /** What it says is lost on the way, once. */
  deaf = false
  /** How many questions lie behind, where one is open at a time. */
  behind: number | null = null
  state: State = 'running'
  device = 'desk'
  readonly answers = new Map<number, { revision: number; answer: unknown }>()
  calls: string[] = []
  /** Of the open section, in seconds. */
  left: number | null = null
  private held: Promise<void> | null = null
  private slow = ''

  constructor(private readonly shown: readonly Shown[] = [SHORT, SHORT]) {}

  view(device: string): SittingView {
    const going = this.state === 'running' || this.state === 'interrupted'
    const holds = device === this.device
    return {
      id: 's',
      position: 1,
      exam: {
        id: 'e',
        title: 'Алгебра',
        kind: 'exam',
        navigation: this.behind === null ? 'free' : 'question',
        in_turn: this.behind !== null,
        languages: ['kk'],
        sections: [{ name: '', seconds: null }],
        supervised: false,
        lesson_id: null,
      },
      state: this.state,
      attempt: 1,
      language: 'kk',
      section: this.behind ?? 0,
      now: '2026-11-23T10:00:00Z',
      left: { whole: 600, section: this.left, deadline: null, stands: false },
      late_seconds: 120,
      seat: '',
      places: [2],
      questions: going && holds ? this.open().map((place) => ({ ...asked(place, this.shown[place - 1] ?? SHORT), ...(this.answers.get(place) as object) })) : [],
      messages: [],
      holds,
    }
  }

  /** The answer to the next reading is long under way: until the function is called. */
  late(name: 'read'): () => void {
    let go = () => {}
    this.held = new Promise((resolve) => (go = resolve))
    this.slow = name
    return go
  }

  private open(): number[] {
    return this.behind === null ? [1, 2] : [this.behind + 1]
  }

  private async over<T>(name: string, act: () => T): Promise<T> {
    await Promise.resolve()
    if (!this.line) throw unreachable()
    this.calls.push(name)
    const said = act()
    if (this.deaf) {
      this.deaf = false
      throw unreachable()
    }
    if (name === this.slow) {
      this.slow = ''
      await this.held
    }
    return said
  }

  api(): ExamApi {
    const view = (device: string) => this.view(device)
    return {
      read: (_: string, device: string) => this.over('read', () => view(device)),
      beat: (_: string, device: string) => this.over('beat', () => view(device)),
      bring: (_: string, device: string) =>
        this.over('bring', () => {
          this.device = device
          return view(device)
        }),
      start: () =>
        this.over('start', () => {
          this.state = 'running'
          return view(this.device)
        }),
      turn: (_: string, device: string, leaves: number) =>
        this.over('turn', () => {
          if (leaves === this.behind) this.behind++
          return view(device)
        }),
      handIn: (_: string, device: string) =>
        this.over('handIn', () => {
          this.state = 'handed_in'
          return view(device)
        }),
      answer: (_: string, sent: { place: number; revision: number; answer: unknown; device: string }) =>
        this.over('answer', () => {
          if (sent.device !== this.device) throw new Refusal('other_device', 409)
          this.answers.set(sent.place, { revision: sent.revision, answer: sent.answer })
          return { revision: sent.revision, state: this.state, section: this.behind ?? 0 }
        }),
    } as unknown as ExamApi
  }
}

class Page {
  readonly clock = new ManualClock(0)
  readonly scope = new Scope()
  readonly sitting: Sitting

  constructor(
    readonly server = new Server(),
    readonly store = new Memory(),
    device = 'desk',
  ) {
    const clocks = { wall: () => this.clock.now() + 5_000_000, steady: () => this.clock.now() }
    const tab = new Tab(this.scope, this.clock, null, 'tab')
    this.sitting = new Sitting(this.scope, this.clock, clocks, server.api(), store, tab, 's', device, null)
  }

  async pass(milliseconds: number) {
    for (let at = 0; at < milliseconds; at += 250) {
      this.clock.advance(250)
      for (let i = 0; i < 40; i++) await Promise.resolve()
    }
  }

  get state() {
    return this.sitting.state.get()
  }
}

const moved = (act: string, state: State) => ({ name: 'exams.sitting_told', body: { act, state } }) as unknown as Fact

const typed = (text: string) => ({ kind: 'typed', text }) as const

describe('a sitting', () => {
  it('opens, is answered and handed in, and nothing of it stays here', async () => {
    const page = new Page()
    await page.pass(500)
    expect([page.state.phase, page.state.place]).toEqual(['open', 1])
    page.sitting.answer(1, typed('а'))
    expect(page.sitting.unanswered()).toEqual([2])
    void page.sitting.handIn()
    await page.pass(1_000)
    expect(page.server.answers.get(1)).toEqual({ revision: 1, answer: typed('а') })
    expect(page.state.phase).toBe('over')
    expect(page.store.forgotten).toBeGreaterThan(0)
  })

  it('lacks no answer that is told to the examiner', async () => {
    const page = new Page(new Server([SHORT, TOLD]))
    await page.pass(500)
    expect(page.sitting.unanswered()).toEqual([1])
  })

  it('handed in without a line waits for it, and says so', async () => {
    const page = new Page()
    await page.pass(500)
    page.server.line = false
    page.sitting.answer(1, typed('а'))
    void page.sitting.handIn()
    await page.pass(12_000)
    expect([page.state.handingIn, page.state.phase]).toEqual(['waits', 'open'])
    page.server.line = true
    await page.pass(12_000)
    expect([page.state.handingIn, page.state.phase]).toEqual(['no', 'over'])
    expect(page.server.answers.get(1)).toEqual({ revision: 1, answer: typed('а') })
  })

  it('opens without a line from what lies here, and its time went on meanwhile', async () => {
    const first = new Page()
    await first.pass(500)
    first.server.line = false
    first.sitting.answer(2, typed('б'))
    await first.pass(1_000)
    first.scope.end()
    const second = new Page(first.server, first.store)
    await second.pass(20_000)
    expect(second.state.phase).toBe('open')
    expect(second.sitting.queue.state.get().answers.get(2)?.answer).toEqual(typed('б'))
    expect(second.sitting.queue.state.get().cutSince).not.toBe(null)
    expect(second.sitting.left().whole).toBeLessThanOrEqual(581_000)
    second.server.line = true
    await second.pass(12_000)
    expect(second.server.answers.get(2)).toEqual({ revision: 1, answer: typed('б') })
  })

  it('that was brought to another device says so here, and comes back with what was written there', async () => {
    const desk = new Page()
    await desk.pass(500)
    const phone = new Page(desk.server, new Memory(), 'phone')
    await phone.pass(500)
    expect(phone.state.phase).toBe('elsewhere')
    void phone.sitting.bringHere()
    await phone.pass(500)
    phone.sitting.answer(1, typed('phone'))
    await phone.pass(2_000)
    await desk.pass(12_000)
    expect(desk.state.phase).toBe('elsewhere')
    void desk.sitting.bringHere()
    await desk.pass(500)
    expect(desk.state.phase).toBe('open')
    expect(desk.sitting.queue.state.get().answers.get(1)?.answer).toEqual(typed('phone'))
  })

  it('shows at once what somebody else did, and begins when it is admitted', async () => {
    const page = new Page()
    await page.pass(500)
    page.sitting.go(2)
    for (const [state, phase] of [
      ['paused', 'paused'],
      ['running', 'open'],
      ['terminated', 'over'],
      ['running', 'open'],
    ] as const) {
      page.server.state = state
      page.sitting.told(moved('pause', state))
      await page.pass(250)
      expect([page.state.phase, page.state.place]).toEqual([phase, 2])
    }
    page.server.state = 'checking'
    page.sitting.told(moved('check_in', 'checking'))
    await page.pass(250)
    expect(page.state.phase).toBe('before')
    page.sitting.told(moved('admit', 'ready'))
    await page.pass(250)
    expect([page.state.phase, page.server.calls.at(-1)]).toEqual(['open', 'start'])
  })

  it('asks within a second where all are told, and with a sign of life where that says all', async () => {
    const page = new Page()
    await page.pass(500)
    const before = page.server.calls.length
    page.sitting.told(moved('clock', 'running'))
    page.sitting.told(moved('lose', 'interrupted'))
    await page.pass(1_000)
    expect(new Set(page.server.calls.slice(before))).toEqual(new Set(['beat']))
    page.server.state = 'handed_in'
    page.sitting.told(moved('time_up', 'handed_in'))
    await page.pass(1_000)
    expect([page.state.phase, page.server.calls.at(-1)]).toEqual(['over', 'read'])
  })

  it('shows nothing that an act of its own has overtaken', async () => {
    const page = new Page()
    await page.pass(500)
    const late = page.server.late('read')
    page.sitting.told(moved('add_time', 'running'))
    await page.pass(250)
    void page.sitting.handIn()
    await page.pass(500)
    expect(page.state.phase).toBe('over')
    late()
    await page.pass(500)
    expect([page.state.phase, page.server.calls.filter((one) => one === 'read').length]).toEqual(['over', 3])
  })

  it('whose section is over asks for the next one at once', async () => {
    const page = new Page()
    page.server.left = 4
    await page.pass(500)
    await page.pass(3_000)
    const before = page.server.calls.length
    await page.pass(2_000)
    expect(page.server.calls.slice(before)).toContain('beat')
  })

  it('that was stopped is let on by a beat too', async () => {
    const page = new Page()
    await page.pass(500)
    page.server.state = 'terminated'
    await page.pass(11_000)
    expect(page.state.phase).toBe('over')
    page.server.state = 'running'
    await page.pass(11_000)
    expect(page.state.phase).toBe('open')
  })

  it('goes from question to question, each sent before it is left', async () => {
    const server = new Server()
    server.behind = 0
    const page = new Page(server)
    await page.pass(500)
    expect(page.sitting.questions.map(({ place }) => place)).toEqual([1])
    page.sitting.answer(1, typed('а'))
    void page.sitting.turn()
    await page.pass(250)
    expect(server.calls.slice(-2)).toEqual(['answer', 'turn'])
    expect([page.state.place, page.state.turning, page.sitting.unanswered()]).toEqual([2, 'no', [2]])
  })

  it('skips no question where the answer to going on was lost, and waits for the line', async () => {
    const server = new Server()
    server.behind = 0
    const page = new Page(server)
    await page.pass(500)
    server.deaf = true
    void page.sitting.turn()
    await page.pass(250)
    expect([page.state.place, page.state.turning, server.behind]).toEqual([1, 'waits', 1])
    await page.pass(12_000)
    expect([page.state.place, page.state.turning, server.behind]).toEqual([2, 'no', 1])
  })

  it('who waits for the next question may think again, and stays', async () => {
    const server = new Server()
    server.behind = 0
    const page = new Page(server)
    await page.pass(500)
    server.line = false
    void page.sitting.turn()
    await page.pass(500)
    expect(page.state.turning).toBe('waits')
    page.sitting.stay()
    server.line = true
    await page.pass(12_000)
    expect([page.state.place, page.state.turning, server.behind]).toEqual([1, 'no', 0])
  })

  it('that was paused or stopped shows it within a beat, and goes on by itself', async () => {
    const page = new Page()
    await page.pass(500)
    page.server.state = 'paused'
    await page.pass(11_000)
    expect(page.state.phase).toBe('paused')
    page.server.state = 'running'
    await page.pass(11_000)
    expect(page.state.phase).toBe('open')
    page.server.state = 'terminated'
    await page.pass(11_000)
    expect(page.state.phase).toBe('over')
  })
})
