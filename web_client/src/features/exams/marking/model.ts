import type { ExamsApi, MarkAnswer, MarkingQueue, MarkingTask, NextTask } from '../../../api/exams'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'

/** Whose answers come next: to one question, or of one learner; with neither all of them. */
export interface Way {
  item?: string
  sitting?: string
}

export type Marking =
  | { phase: 'loading' }
  | { phase: 'failed'; error: unknown }
  | {
      phase: 'ready'
      queue: MarkingQueue
      way: Way
      /** null: nothing is left to mark this way. */
      task: MarkingTask | null
      /** How many answers wait this way, this one counted. */
      left: number
      busy: boolean
      error: unknown
      /** What the mark given last came to. */
      last: { points: string | null; wants: string } | null
    }

export type Given = Omit<MarkAnswer, 'place' | 'revision' | 'seen'>
type Ready = Extract<Marking, { phase: 'ready' }>

/** Marking by hand: a queue, one answer at a time, and the next one when its mark is kept. */
export class MarkingModel {
  private readonly cell = new Cell<Marking>({ phase: 'loading' })

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<ExamsApi, 'queue' | 'nextTask' | 'mark'>,
    readonly examId: string,
  ) {
    void this.load()
  }

  get state(): Value<Marking> {
    return this.cell
  }

  async load(): Promise<void> {
    this.set({ phase: 'loading' })
    try {
      const queue = await this.api.queue(this.examId)
      const next = await this.next({})
      this.set({ phase: 'ready', queue, way: {}, ...next, busy: false, error: null, last: null })
    } catch (error) {
      this.set({ phase: 'failed', error })
    }
  }

  /** Marks this way from now on. */
  go(way: Way): Promise<void> {
    return this.act(async () => ({ way, ...(await this.next(way)), last: null }))
  }

  /** The next answer without a mark for this one; it comes again at the end. */
  skip(): Promise<void> {
    return this.act(async ({ way, task }) => ({ ...(await this.next(way, task)), last: null }))
  }

  /** Keeps a mark and shows the next answer. What is refused keeps the answer where it is. */
  mark(body: Given): Promise<void> {
    return this.act(async ({ way, task }) => {
      if (!task) return {}
      const { sitting_id, place, revision, seen } = task
      const { points, wants } = await this.api.mark(sitting_id, { place, revision, seen, ...body })
      const [queue, next] = await Promise.all([this.api.queue(this.examId), this.next(way, task)])
      return { queue, ...next, last: { points, wants } }
    })
  }

  private next(way: Way, after?: MarkingTask | null): Promise<NextTask> {
    const query = { ...way, ...(after && { after: `${after.sitting_id}:${after.place}` }) }
    return this.api.nextTask(this.examId, query)
  }

  private async act(work: (now: Ready) => Promise<Partial<Ready>>): Promise<void> {
    const now = this.cell.get()
    if (now.phase !== 'ready' || now.busy) return
    this.set({ ...now, busy: true, error: null })
    try {
      this.set({ ...now, ...(await work(now)), busy: false, error: null })
    } catch (error) {
      this.set({ ...now, busy: false, error })
    }
  }

  private set(state: Marking): void {
    if (!this.scope.ended) this.cell.set(state)
  }
}
