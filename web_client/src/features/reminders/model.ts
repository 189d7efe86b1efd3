import type { LessonView, ReminderWish } from '../../api/types'
import { type Clock, ticking } from '../../base/clock'
import type { Scope } from '../../base/scope'

export const USUAL: Wish = { page: true, minutes: 10 }
const READ_EVERY = 5 * 60_000
const LOOK_EVERY = 20_000

/** Whether the page reminds at all, and how many minutes before a lesson. */
export type Wish = Pick<ReminderWish, 'page' | 'minutes'>

/** Those that begin soon and were not told of. */
export function soon(
  lessons: readonly LessonView[],
  now: number,
  told: ReadonlySet<string>,
  { page, minutes }: Wish,
): LessonView[] {
  if (!page) return []
  return lessons.filter(({ id, state, may_join, starts_at }) => {
    const left = Date.parse(starts_at) - now
    const coming = state === 'planned' || state === 'open'
    return coming && may_join && left > 0 && left <= minutes * 60_000 && !told.has(id)
  })
}

/** Tells of each lesson once, some minutes before it begins, while a page is open. What cannot be read now is
 *  read later: a reminder is no reason to complain. */
export function remind(
  scope: Scope,
  clock: Clock,
  read: () => Promise<readonly LessonView[]>,
  wished: () => Promise<Wish>,
  tell: (lesson: LessonView) => void,
): void {
  const told = new Set<string>()
  let lessons: readonly LessonView[] = []
  let wish = USUAL
  let readAt = -Infinity
  const look = async () => {
    if (clock.now() - readAt >= READ_EVERY) {
      readAt = clock.now()
      lessons = await read().catch(() => lessons)
      if (lessons.length > 0) wish = await wished().catch(() => wish)
    }
    if (scope.ended) return
    for (const lesson of soon(lessons, clock.now(), told, wish)) {
      told.add(lesson.id)
      tell(lesson)
    }
  }
  scope.onEnd(ticking(scope, clock, LOOK_EVERY).watch(() => void look()))
  void look()
}
