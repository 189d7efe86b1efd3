import type { LessonView } from '../../api/types'

/** A day as a line: what is over, then what is on or still to come, one of which matters most. */
export interface Timeline {
  past: readonly LessonView[]
  ahead: readonly LessonView[]
  /** The id of the lesson to enter next, among `ahead`. */
  next: string | null
}

export function timelineOf(lessons: readonly LessonView[], now: number): Timeline {
  const inOrder = [...lessons].sort(
    (a, b) => a.starts_at.localeCompare(b.starts_at) || a.id.localeCompare(b.id),
  )
  const past = inOrder.filter((lesson) => isOver(lesson, now))
  const ahead = inOrder.filter((lesson) => !isOver(lesson, now))
  return { past, ahead, next: nextOf(ahead, now) }
}

/** An open lesson is not over, however late it is; a planned one is over when its time is. */
export function isOver(lesson: LessonView, now: number): boolean {
  if (lesson.state === 'ended') return true
  return lesson.state === 'planned' && Date.parse(lesson.ends_at) <= now
}

export function isOn(lesson: LessonView, now: number): boolean {
  return !isOver(lesson, now) && (lesson.state === 'open' || Date.parse(lesson.starts_at) <= now)
}

/** The newest open one, else the newest whose time has come, else the first to come. */
function nextOf(ahead: readonly LessonView[], now: number): string | null {
  const mine = ahead.filter((lesson) => lesson.may_join && lesson.my_part !== 'see')
  const open = mine.filter((lesson) => lesson.state === 'open')
  const due = mine.filter((lesson) => isOn(lesson, now))
  return (open.at(-1) ?? due.at(-1) ?? mine[0])?.id ?? null
}
