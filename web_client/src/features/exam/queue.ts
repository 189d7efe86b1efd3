import type { Clock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import type { Answer } from '../questions/shapes'
import { type AnswerStore, type HeldAnswer, type KeptAnswer, merged } from './kept'

/** The two clocks of a device, in milliseconds: `wall` may be set by people, `steady` only goes on. */
export interface Clocks {
  wall(): number
  steady(): number
}

/** What is sent of an answer. */
export interface Save {
  place: number
  revision: number
  answer: Answer | null
  marked: boolean
  /** For how long it has been written. */
  ageMs: number
  writtenAt: number
}

/** What the server says to it: the newest revision it holds. */
export interface Saved {
  revision: number
}

export interface QueueState {
  answers: ReadonlyMap<number, KeptAnswer>
  /** Of the device: when the server last confirmed something; null before that. */
  savedAt: number | null
  /** Of the device: when something was last kept here. */
  keptAt: number | null
  /** `cut` since when, by the steady clock; null while the line is whole. */
  cutSince: number | null
  /** Why nothing is sent any more, as the server's word for it; empty while it is. */
  stopped: string
  /** Whether this browser keeps what is written beyond the page's life. */
  keeps: boolean
}

/** Milliseconds: after the last key, and at most after the first that is not sent yet. */
const QUIET = 500
const MOST = 1_500
/** How long a browser may take to keep an answer. */
const KEEPING = 1_000
const FIRST_RETRY = 1_000
const LAST_RETRY = 8_000
/** What ends sending; all else is tried again. */
const STOPS = ['other_device', 'sitting_not_running', 'not_logged_in', 'not_found', 'forbidden']
/** What is said of one answer alone. */
const REFUSES = ['answer_too_late', 'item_answer_unfit', 'section_not_open', 'malformed', 'question_unknown', 'answer_file_refused']

type Lane = 'quick' | 'heavy'

/**
 * Answers on their way: each is kept in this browser, sent within two seconds, and sent again until the server has
 * confirmed it. Of an answer that changed meanwhile only the newest counts; each change is a revision of its own, so
 * what comes late or twice can never replace it.
 */
export class SaveQueue {
  private readonly cell: Cell<QueueState>
  /** By the steady clock, when each answer was written; by the other one, when it first waited and last changed. */
  private readonly since = new Map<number, number>()
  private readonly first = new Map<number, number>()
  private readonly last = new Map<number, number>()
  /** What is being kept of each place. */
  private readonly keeping = new Map<number, Promise<void>>()
  /** Places written on this page. */
  private readonly fresh = new Set<number>()
  private readonly busy = new Set<Lane>()
  private wake: () => void = () => {}
  private nth = 0
  private failures = 0
  private retryAt = 0
  private flushing = false
  private waiting: ((done: boolean) => void)[] = []

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly clocks: Clocks,
    private readonly sitting: string,
    private readonly store: AnswerStore,
    private readonly send: (save: Save) => Promise<Saved>,
  ) {
    const empty = { answers: new Map(), savedAt: null, keptAt: null, cutSince: null, stopped: '', keeps: true }
    this.cell = new Cell<QueueState>(empty)
    scope.onEnd(() => this.wake())
  }

  get state(): Value<QueueState> {
    return this.cell
  }

  get unsent(): KeptAnswer[] {
    return [...this.cell.get().answers.values()]
      .filter(({ state }) => state === 'unsent')
      .sort((a, b) => a.nth - b.nth)
  }

  /** Goes on with what lies in this browser and what the server holds; `held` null: the server was not asked.
   *  `brought`: another device had it meanwhile, and wrote later than this one. */
  async begin(held: readonly HeldAnswer[] | null, brought = false): Promise<void> {
    if (brought) this.fresh.clear()
    const stored = await this.store.answers(this.sitting).catch(() => {
      this.change({ keeps: false })
      return []
    })
    const here = new Map(stored.map((one) => [one.place, one]))
    for (const one of this.cell.get().answers.values()) {
      if ((here.get(one.place)?.revision ?? -1) < one.revision) here.set(one.place, one)
    }
    const all = merged(this.sitting, [...here.values()], held ?? [], this.fresh)
    this.nth = Math.max(this.nth, ...all.map(({ nth }) => nth))
    this.change({ answers: new Map(all.map((one) => [one.place, one])), stopped: '' })
    for (const one of all) {
      if (one.state === 'unsent' && !this.since.has(one.place)) this.since.set(one.place, this.restored(one))
    }
    this.hurry()
  }

  write(place: number, answer: Answer | null): void {
    this.put(place, { answer })
  }

  mark(place: number, marked: boolean): void {
    this.put(place, { marked })
  }

  /** Sends at once what waits, in the order in which it was written. Answers whether all is confirmed now. */
  async flush(): Promise<boolean> {
    if (this.unsent.length === 0) return true
    this.flushing = true
    const done = new Promise<boolean>((resolve) => this.waiting.push(resolve))
    this.hurry()
    return await done
  }

  /** The network may be back: no waiting for the next try. */
  hurry(): void {
    this.retryAt = 0
    this.pump()
  }

  /** Somebody else found that the line is whole or cut. */
  heard(whole: boolean): void {
    if (whole && this.cell.get().cutSince !== null) {
      this.change({ cutSince: null })
      this.hurry()
    } else if (!whole) this.cut()
  }

  stop(why: string): void {
    this.change({ stopped: why })
    this.settle(false)
  }

  /** How long ago an answer was written: by the steady clock since this page knows it, by the wall clock before. */
  private restored(one: KeptAnswer): number {
    return this.clocks.steady() - Math.max(0, this.clocks.wall() - one.writtenAt)
  }

  private put(place: number, change: Partial<Pick<KeptAnswer, 'answer' | 'marked'>>): void {
    const before = this.cell.get().answers.get(place)
    const next: KeptAnswer = {
      ...(before ?? { sitting: this.sitting, place, revision: 0, answer: null, marked: false }),
      ...change,
      revision: (before?.revision ?? 0) + 1,
      writtenAt: this.clocks.wall(),
      nth: ++this.nth,
      state: 'unsent',
      refusal: '',
    }
    this.since.set(place, this.clocks.steady())
    this.fresh.add(place)
    if (before?.state !== 'unsent') this.first.set(place, this.clock.now())
    this.last.set(place, this.clock.now())
    this.set(next)
    this.pump()
  }

  private set(one: KeptAnswer): void {
    this.change({ answers: new Map(this.cell.get().answers).set(one.place, one) })
    const keeping = this.store.keep(one).then(
      () => this.change({ keptAt: this.clocks.wall() }),
      () => this.change({ keeps: false }),
    )
    this.keeping.set(one.place, keeping)
  }

  private change(part: Partial<QueueState>): void {
    this.cell.update((state) => ({ ...state, ...part }))
  }

  /** Starts what is due, and plans when to look again. */
  private pump(): void {
    this.wake()
    if (this.scope.ended || this.cell.get().stopped) return
    const now = this.clock.now()
    if (now < this.retryAt) return this.plan(this.retryAt - now)
    let next = Infinity
    for (const one of this.unsent) {
      const lane = laneOf(one)
      if (this.busy.has(lane)) continue
      const due = this.dueAt(one.place)
      if (due <= now || this.flushing) {
        this.busy.add(lane)
        void this.deliver(one, lane)
      } else next = Math.min(next, due)
    }
    if (next < Infinity) this.plan(next - now)
  }

  private plan(delay: number): void {
    this.wake = this.clock.after(delay, () => this.pump())
  }

  private dueAt(place: number): number {
    const last = this.last.get(place)
    if (last === undefined) return 0
    return Math.min(last + QUIET, (this.first.get(place) ?? last) + MOST)
  }

  private async deliver(one: KeptAnswer, lane: Lane): Promise<void> {
    const { place, revision, answer, marked, writtenAt } = one
    const ageMs = Math.max(0, Math.round(this.clocks.steady() - (this.since.get(place) ?? this.clocks.steady())))
    try {
      await this.kept(place)
      const saved = await this.send({ place, revision, answer, marked, ageMs, writtenAt })
      if (this.scope.ended) return // another page goes on with it, maybe further
      this.confirmed(place, revision, saved)
    } catch (error) {
      if (this.scope.ended) return
      this.refused(place, revision, error)
    }
    this.busy.delete(lane)
    if (this.unsent.length === 0) this.settle(true)
    this.pump()
  }

  /** The server is never further than what lies here: a page that is opened anew goes on with the newest. A browser
   *  that does not answer holds nothing up. */
  private async kept(place: number): Promise<void> {
    const keeping = this.keeping.get(place)
    if (!keeping || !this.cell.get().keeps) return
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(KEEPING, () => {
        this.change({ keeps: false })
        resolve()
      })
      void keeping.then(() => {
        cancel()
        resolve()
      })
    })
  }

  private confirmed(place: number, revision: number, saved: Saved): void {
    this.failures = 0
    this.change({ savedAt: this.clocks.wall(), cutSince: null })
    const now = this.cell.get().answers.get(place)
    if (!now || now.state !== 'unsent') return
    if (saved.revision > revision && this.fresh.has(place)) {
      // A page before this one was further than what it left here.
      this.set({ ...now, revision: Math.max(now.revision, saved.revision) + 1 })
    } else if (now.revision <= Math.max(revision, saved.revision)) this.set({ ...now, state: 'sent' })
    else this.first.set(place, this.clock.now())
  }

  private refused(place: number, revision: number, error: unknown): void {
    const code = codeOf(error)
    const status = error instanceof Refusal ? error.status : 0
    const now = this.cell.get().answers.get(place)
    if (code === 'answer_conflict' && now) {
      const newest = Number((error as Refusal).params.revision)
      this.set({ ...now, revision: Math.max(now.revision, newest || revision) + 1 })
    } else if (STOPS.includes(code)) this.stop(code)
    else if (REFUSES.includes(code) && now?.revision === revision) {
      this.set({ ...now, state: 'refused', refusal: code })
    } else if (!REFUSES.includes(code)) {
      if (status === 0 || status === 502 || status === 503 || status === 504) this.cut()
      this.retryAt = this.clock.now() + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.failures++)
      this.settle(false)
    }
  }

  private cut(): void {
    if (this.cell.get().cutSince === null) this.change({ cutSince: this.clocks.steady() })
  }

  private settle(done: boolean): void {
    this.flushing = false
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve(done)
  }
}

/** A question or a file that is not there is one answer's fault: a sitting that is not there is all. */
function codeOf(error: unknown): string {
  if (!(error instanceof Refusal)) return 'unknown'
  return error.code === 'not_found' && error.params.kind !== 'sitting' ? 'question_unknown' : error.code
}

/** Files may take minutes: other answers do not wait for them. */
function laneOf({ answer }: KeptAnswer): Lane {
  return answer?.kind === 'handed_in' || answer?.kind === 'recorded' ? 'heavy' : 'quick'
}
