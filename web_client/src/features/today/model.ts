import type { Api } from '../../api/client'
import { follow, type Follower, type Snapshot, type Synced } from '../../api/events'
import type { Link } from '../../api/link'
import type { LessonView, Me } from '../../api/types'
import { type Clock, ticking } from '../../base/clock'
import { isRefusal } from '../../base/errors'
import { dateOf } from '../../base/format'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import { forget, type Lessons, reduceLessons, withLesson } from './reducer'

export interface Starting {
  busy: boolean
  error: unknown
}

/** The lessons of today, kept true while they are looked at. */
export class TodayModel {
  readonly now: Value<number>
  private readonly follower: Follower<Lessons>
  private readonly start = new Cell<Starting>({ busy: false, error: null })

  constructor(
    private readonly scope: Scope,
    private readonly api: Api,
    link: Link,
    clock: Clock,
    me: Me,
    private readonly loggedOut: () => void,
  ) {
    link.use(scope)
    this.now = ticking(scope, clock, 5_000)
    this.follower = follow(scope, link, {
      snapshot: () => this.read(),
      reduce: reduceLessons,
    })
    scope.onEnd(this.follower.value.watch(() => void this.readUnread()))
    this.renewAtMidnight(me.zone)
  }

  get lessons(): Value<Synced<Lessons>> {
    return this.follower.value
  }

  get starting(): Value<Starting> {
    return this.start
  }

  reload(): void {
    void this.follower.reload()
  }

  /** Starts an unplanned lesson; answers its id, or null after a refusal. */
  async startLesson(title: string): Promise<string | null> {
    if (this.start.get().busy) return null
    this.start.set({ busy: true, error: null })
    try {
      const lesson = await this.api.startLesson(title)
      this.put(lesson)
      this.start.set({ busy: false, error: null })
      return lesson.id
    } catch (error) {
      this.start.set({ busy: false, error })
      return null
    }
  }

  private async read(): Promise<Snapshot<Lessons>> {
    try {
      const { organisation_id, position, date, items } = await this.api.lessons()
      return { topic: `lessons:${organisation_id}`, position, state: { date, items, unread: [] } }
    } catch (error) {
      if (isRefusal(error, 'not_logged_in')) this.loggedOut()
      throw error
    }
  }

  private readonly reading = new Set<string>()

  private async readUnread(): Promise<void> {
    const synced = this.follower.value.get()
    if (synced.phase !== 'ready') return
    if (synced.state.stale) return this.follower.reload()
    for (const id of synced.state.unread) {
      if (this.reading.has(id)) continue
      this.reading.add(id)
      try {
        this.put((await this.api.lesson(id)).lesson)
      } catch {
        this.follower.change((state) => forget(state, id))
      } finally {
        this.reading.delete(id)
      }
    }
  }

  private put(lesson: LessonView): void {
    this.follower.change((state) => withLesson(state, lesson))
  }

  private renewAtMidnight(zone: string): void {
    let day = dateOf(this.now.get(), zone)
    this.scope.onEnd(
      this.now.watch(() => {
        const today = dateOf(this.now.get(), zone)
        if (today === day) return
        day = today
        this.reload()
      }),
    )
  }
}
