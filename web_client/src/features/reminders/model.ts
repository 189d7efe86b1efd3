import type { LessonView } from '../../api/types'
import { type Clock, ticking } from '../../base/clock'
import type { Scope } from '../../base/scope'

export const AHEAD = 5 * 60_000
const READ_EVERY = 5 * 60_000
const LOOK_EVERY = 20_000

/** Those that begin soon and were not told of. */
export function soon(
  lessons: readonly LessonView[],
  now: number,
  told: ReadonlySet<string>,
): LessonView[] {
  return lessons.filter(({ id, state, may_join, starts_at }) => {
    const left = Date.parse(starts_at) - now
    const coming = state === 'planned' || state === 'open'
    return coming && may_join && left > 0 && left <= AHEAD && !told.has(id)
  })
}

/** Tells of each lesson once, some minutes before it begins, while a page is open. What cannot be read now is
 *  read later: a reminder is no reason to complain. */
export function remind(
  scope: Scope,
  clock: Clock,
  read: () => Promise<readonly LessonView[]>,
  tell: (lesson: LessonView) => void,
): void {
  const told = new Set<string>()
  let lessons: readonly LessonView[] = []
  let readAt = -Infinity
  const look = async () => {
    if (clock.now() - readAt >= READ_EVERY) {
      readAt = clock.now()
      lessons = await read().catch(() => lessons)
    }
    if (scope.ended) return
    for (const lesson of soon(lessons, clock.now(), told)) {
      told.add(lesson.id)
      tell(lesson)
    }
  }
  scope.onEnd(ticking(scope, clock, LOOK_EVERY).watch(() => void look()))
  void look()
}
