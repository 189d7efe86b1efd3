import type { Fact } from '../../api/types'
import type { Clock } from '../../base/clock'
import { every } from '../../base/clock'
import { isRefusal, Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import type { FileKeeper } from '../questions/keeper'
import { type Answer, isAnswered, isLive } from '../questions/shapes'
import type { ExamApi } from './api'
import { AnswerFiles } from './files'
import { type Clocks, SaveQueue } from './queue'
import type { BeatView, QuestionView, SittingView } from './shapes'
import type { KeptSitting, SittingStore } from './store'
import type { Tab } from './tab'
import { BEFORE, leftAfter, type Left, OVER, sectionOf } from './time'

/** `elsewhere`: on another device; `other_tab`: in another page of this browser. */
export type Phase = 'loading' | 'failed' | 'other_tab' | 'elsewhere' | 'before' | 'open' | 'paused' | 'over'
export interface SittingState {
  phase: Phase
  error: unknown
  view: SittingView | null
  /** By the steady clock, when `view.left` was said. */
  readAt: number
  place: number
  /** Whose it is, as far as this browser knows. */
  name: string
  zone: string
  handingIn: 'no' | 'now' | 'waits'
  /** The next section or question is asked for; `waits`: for the line. */
  turning: 'no' | 'now' | 'waits'
  busy: boolean
  /** How many decisions of appeals were told of. */
  decided: number
  /** The section that opened because the time of the one before was up. */
  turned: number | null
}

/** Who is at the page; null where the server could not be asked. */
export interface Who {
  name: string
  zone: string
}

const BEAT = 10_000
const BEAT_CUT = 2_500
/** So often is asked for the next section once the time of the open one is up. */
const BEAT_TURN = 2_000
/** What the server may tell all learners of an exam in one moment: each asks at a moment of their own. */
const OF_ALL = ['clock', 'lose', 'time_up', 'turn']
/** What a sign of life answers whole. */
const SIGNED = ['clock', 'lose']
const SPREAD = 1_000
const OLD = 14 * 24 * 3_600_000

/** One learner's sitting on one page: what is shown, what is written, and how both get over a lost line. */
export class Sitting {
  readonly queue: SaveQueue
  readonly files: FileKeeper
  private readonly cell: Cell<SittingState>
  private readonly answerFiles: AnswerFiles
  /** Opened from what lies in this browser: the server is to be asked as soon as it can be. */
  private unread = false
  private beating = false
  /** Which section or question is being left. */
  private leaves = 0
  private beatAt = 0
  /** What was asked is numbered: a reading that an act or a later reading has overtaken says nothing new. */
  private asked = 0
  private acted = 0
  private shown = 0

  constructor(
    private readonly scope: Scope,
    private readonly clock: Clock,
    private readonly clocks: Clocks,
    private readonly api: ExamApi,
    private readonly store: SittingStore,
    private readonly tab: Tab,
    readonly id: string,
    private readonly device: string,
    who: Who | null,
  ) {
    this.cell = new Cell<SittingState>({
      phase: 'loading',
      error: null,
      view: null,
      readAt: 0,
      place: 0,
      name: who?.name ?? '',
      zone: who?.zone ?? 'Asia/Almaty',
      handingIn: 'no',
      turning: 'no',
      busy: false,
      decided: 0,
      turned: null,
    })
    this.answerFiles = new AnswerFiles(scope, store, api, id, () => this.cell.get().place)
    this.files = this.answerFiles
    this.queue = new SaveQueue(scope, clock, clocks, id, store, async (save) => {
      await this.answerFiles.send(save.place, save.answer)
      const { revision, state, section } = await api.answer(id, {
        place: save.place,
        revision: save.revision,
        answer: save.answer,
        marked: save.marked,
        device,
        age_ms: save.ageMs,
        written_at: new Date(save.writtenAt).toISOString(),
      })
      this.heard(state, section)
      return { revision }
    })
    scope.onEnd(this.queue.state.watch(() => this.followQueue()))
    scope.onEnd(tab.state.watch(() => void this.open()))
    every(scope, clock, 1000, () => this.tick())
    void store.forgetBefore(clocks.wall() - OLD).catch(() => undefined)
    void this.open()
  }

  get state(): Value<SittingState> {
    return this.cell
  }

  /** What is left by now. */
  left(): Left {
    const { view, readAt } = this.cell.get()
    if (!view) return { whole: null, section: null }
    return leftAfter(view.left, this.clocks.steady() - readAt)
  }

  /** Of all questions that are shown now, in their order. */
  get questions(): readonly QuestionView[] {
    return this.cell.get().view?.questions ?? []
  }

  /** Where a question's picture lies in this browser, where the server is away. */
  local(sha256: string): string | undefined {
    return this.answerFiles.local(sha256)
  }

  /** Somebody else moved it, or the server did, or decided an appeal. */
  told({ name, body }: Fact): void {
    if (name === 'marking.appeal_decided') this.change({ decided: this.cell.get().decided + 1 })
    if (name !== 'exams.sitting_told' || this.tab.state.get() !== 'ours') return
    const ask = () => {
      if (SIGNED.includes(body.act)) this.hurry()
      else void (body.state === 'ready' ? this.begin() : this.read())
    }
    this.clock.after(OF_ALL.includes(body.act) ? Math.random() * SPREAD : 0, () => this.scope.ended || ask())
  }

  /** Asks the server how it stands; answers the position behind which facts say what is new. */
  async position(): Promise<number> {
    await this.read()
    return this.cell.get().view?.position ?? 0
  }

  answer(place: number, answer: Answer): void {
    this.queue.write(place, answer)
  }

  mark(place: number): void {
    this.queue.mark(place, !this.queue.state.get().answers.get(place)?.marked)
  }

  go(place: number): void {
    if (!this.questions.some((one) => one.place === place)) return
    this.change({ place })
    void this.keep()
  }

  /** To the question that many further; answers whether there is one. */
  step(by: number): boolean {
    const at = this.questions.findIndex(({ place }) => place === this.cell.get().place)
    const next = this.questions[at + by]
    if (next) this.go(next.place)
    return next !== undefined
  }

  /** Places that nobody answered, of those that are open; what is told to the examiner is not answered here. */
  unanswered(): number[] {
    const { answers } = this.queue.state.get()
    const empty = this.questions.filter(({ place, shown }) => !isLive(shown) && !isAnswered(answers.get(place)?.answer))
    return empty.map(({ place }) => place)
  }

  /** Goes on in this page, whichever has it now. */
  async bringHere(): Promise<void> {
    if (this.tab.state.get() === 'theirs') {
      this.tab.take()
      return
    }
    await this.ask(async () => this.did(await this.api.bring(this.id, this.device), true))
  }

  /** Leaves the section or question that is open, for good; without a line it waits for it. */
  async turn(): Promise<void> {
    const { view, turning } = this.cell.get()
    if (!view || turning === 'now') return
    if (turning === 'no') this.leaves = view.section
    this.change({ turning: 'now', error: null })
    try {
      await this.queue.flush()
      if (this.cell.get().turning !== 'now') return
      await this.did(await this.api.turn(this.id, this.device, this.leaves))
      this.change({ turning: 'no', turned: null })
    } catch (error) {
      if (isAway(error)) return this.wait({ turning: 'waits' })
      this.change({ turning: 'no', error })
      void this.read()
    }
  }

  stay(): void {
    this.change({ turning: 'no' })
  }

  async speak(language: SittingView['language']): Promise<void> {
    await this.ask(async () => {
      await this.queue.flush()
      await this.did(await this.api.speak(this.id, this.device, language))
    })
  }

  /** Hands in once everything that was written is confirmed; without a line it waits for it. */
  async handIn(): Promise<void> {
    this.change({ handingIn: 'now', error: null })
    try {
      if (!(await this.queue.flush()) && this.queue.unsent.length > 0) throw new Refusal('unreachable')
      if (this.cell.get().handingIn !== 'now') return
      await this.did(await this.api.handIn(this.id, this.device))
      this.change({ handingIn: 'no' })
    } catch (error) {
      if (isAway(error)) this.wait({ handingIn: 'waits' })
      else {
        this.change({ handingIn: 'no', error })
        void this.read()
      }
    }
  }

  keepWriting(): void {
    this.change({ handingIn: 'no' })
  }

  again(): void {
    this.change({ phase: 'loading', error: null })
    void this.open()
  }

  forgetTurn(): void {
    this.change({ turned: null })
  }

  forgetError(): void {
    this.change({ error: null })
  }

  /** The network may be back, or the page is seen again. */
  hurry(): void {
    this.queue.hurry()
    this.beatAt = 0
    void this.beat()
  }

  private async open(): Promise<void> {
    const hold = this.tab.state.get()
    if (hold === 'asking') return
    if (hold === 'theirs') {
      this.queue.stop('other_tab')
      return this.change({ phase: 'other_tab' })
    }
    if (this.cell.get().phase === 'other_tab') this.change({ phase: 'loading' })
    const kept = await this.store.sitting(this.id).catch(() => null)
    try {
      await this.adopt(await this.api.read(this.id, this.device), false, kept?.place)
    } catch (error) {
      if (this.scope.ended) return
      if (!isAway(error) || !kept) return this.change({ phase: 'failed', error })
      await this.openKept(kept)
    }
  }

  /** From what lies in this browser: the time goes on as if the page had never been away. */
  private async openKept(kept: KeptSitting): Promise<void> {
    this.unread = true
    await this.queue.begin(null)
    await this.answerFiles.bringMedia(kept.view.questions, false)
    const away = Math.max(0, this.clocks.wall() - kept.readAt)
    this.change({
      view: kept.view,
      readAt: this.clocks.steady() - away,
      place: kept.place,
      name: this.cell.get().name || kept.name,
      zone: kept.zone,
      phase: phaseOf(kept.view),
    })
    this.queue.heard(false)
  }

  private async read(): Promise<void> {
    const nth = ++this.asked
    try {
      const view = await this.api.read(this.id, this.device)
      if (nth < this.acted) return await this.read()
      if (nth < this.shown) return
      this.shown = nth
      await this.adopt(view)
    } catch (error) {
      if (!isAway(error)) this.change({ error })
    }
  }

  /** Somebody let the learner in. */
  private async begin(): Promise<void> {
    const { view } = this.cell.get()
    if (!view?.holds) return
    const asked = { device: this.device, language: view.language, bring: false }
    try {
      await this.did(await this.api.start(view.exam.id, asked))
    } catch (error) {
      if (!isAway(error)) this.change({ error })
    }
  }

  private async did(view: SittingView, brought = false): Promise<void> {
    this.acted = ++this.asked
    await this.adopt(view, brought)
  }

  private async adopt(view: SittingView, brought = false, place = this.cell.get().place): Promise<void> {
    if (this.scope.ended || this.tab.state.get() !== 'ours') return
    const readAt = this.clocks.steady()
    const { view: before, turned } = this.cell.get()
    this.unread = false
    const held = view.questions.filter(({ revision }) => revision > 0)
    await this.queue.begin(held, brought)
    if (!view.holds && !OVER.includes(view.state)) this.queue.stop('other_device')
    // Where nothing is shown, as in a pause, one comes back to where one was.
    const [from, to] = [before && sectionOf(before), sectionOf(view)]
    const there = view.questions.length === 0 || view.questions.some((one) => one.place === place)
    this.change({
      view,
      readAt,
      place: there ? place : (view.questions[0]?.place ?? 0),
      phase: phaseOf(view),
      turned: from !== null && to !== null && to > from ? to : turned,
      error: null,
    })
    this.queue.heard(true)
    await this.keep()
    await this.answerFiles.bringMedia(view.questions, true)
    if (OVER.includes(view.state) && this.queue.unsent.length === 0) await this.store.forget(this.id).catch(() => undefined)
  }

  private async keep(): Promise<void> {
    const { view, readAt, place, name, zone } = this.cell.get()
    if (!view || view.questions.length === 0) return
    const wall = this.clocks.wall()
    const kept = { id: this.id, view, readAt: wall - (this.clocks.steady() - readAt), openedAt: wall, place, name, zone }
    await this.store.keepSitting(kept).catch(() => undefined)
  }

  private tick(): void {
    const since = this.clocks.steady() - this.beatAt
    if (this.cell.get().view && since >= this.pause()) void this.beat()
  }

  /** Between two signs of life. */
  private pause(): number {
    if (this.queue.state.get().cutSince !== null) return BEAT_CUT
    const { whole, section } = this.left()
    return section === 0 && whole !== 0 && this.cell.get().phase === 'open' ? BEAT_TURN : BEAT
  }

  private async beat(): Promise<void> {
    const { view, phase } = this.cell.get()
    // Who was stopped may be let on again.
    const over = phase === 'over' && view?.state !== 'terminated'
    if (this.beating || !view || phase === 'other_tab' || over) return
    this.beating = true
    this.beatAt = this.clocks.steady()
    try {
      const beat = await this.api.beat(this.id, this.device)
      if (!this.scope.ended) await this.take(beat)
    } catch (error) {
      if (isAway(error)) this.queue.heard(false)
      else if (isRefusal(error, 'not_logged_in')) this.queue.stop('not_logged_in')
    }
    this.beating = false
  }

  private async take(beat: BeatView): Promise<void> {
    const { view, handingIn, turning } = this.cell.get()
    if (!view) return
    const was = this.queue.state.get().cutSince !== null || this.unread
    this.queue.heard(true)
    if (beat.state === 'ready') return await this.begin()
    const same = beat.state === view.state || (isGoing(beat.state) && isGoing(view.state))
    if (!same || beat.section !== view.section || beat.holds !== view.holds || this.unread) await this.read()
    else this.change({ view: { ...view, state: beat.state, left: beat.left }, readAt: this.clocks.steady() })
    if (was && turning === 'waits') await this.turn()
    if (was && handingIn === 'waits') await this.handIn()
  }

  /** What an answer was told of the sitting. */
  private heard(state: SittingView['state'], section: number): void {
    const { view } = this.cell.get()
    if (view && ((!isGoing(state) && state !== view.state) || section !== view.section)) void this.read()
  }

  private followQueue(): void {
    const { stopped } = this.queue.state.get()
    if (stopped === 'other_device') this.change({ phase: 'elsewhere' })
    else if (stopped === 'sitting_not_running') void this.read()
    else if (this.cell.get().phase === 'over' && this.queue.unsent.length === 0) {
      void this.store.forget(this.id).catch(() => undefined)
    }
  }

  /** Until a beat finds the line whole. */
  private wait(part: Partial<SittingState>): void {
    this.change(part)
    this.queue.heard(false)
  }

  private async ask(act: () => Promise<void>): Promise<void> {
    if (this.cell.get().busy) return
    this.change({ busy: true, error: null })
    try {
      await act()
    } catch (error) {
      this.change({ error })
    }
    this.change({ busy: false })
  }

  private change(part: Partial<SittingState>): void {
    if (!this.scope.ended) this.cell.update((state) => ({ ...state, ...part }))
  }
}

function phaseOf(view: SittingView): Phase {
  if (OVER.includes(view.state)) return 'over'
  if (!view.holds) return 'elsewhere'
  if (BEFORE.includes(view.state)) return 'before'
  return view.state === 'paused' ? 'paused' : 'open'
}

const isGoing = (state: string) => state === 'running' || state === 'interrupted'

/** The server did not answer, or could not for now. */
export function isAway(error: unknown): boolean {
  return error instanceof Refusal && (error.code === 'unreachable' || error.status >= 500 || error.status === 429)
}
