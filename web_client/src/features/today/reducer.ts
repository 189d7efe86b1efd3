import type { Fact, LessonView } from '../../api/types'

export interface Lessons {
  date: string
  items: readonly LessonView[]
  /** Lessons that a fact named and that are not read yet. */
  unread: readonly string[]
  /** The timetable of this day changed: the whole list is to be read anew. */
  stale?: true
}

/** Topic `lessons:<organisation>`: what a fact changes in the list of the day. */
export function reduceLessons(state: Lessons, fact: Fact): Lessons {
  switch (fact.name) {
    case 'lessons.lesson_opened':
    case 'lessons.lesson_started':
    case 'lessons.lesson_ended': {
      const { lesson_id } = fact.body
      if (!state.items.some(({ id }) => id === lesson_id)) return ask(state, lesson_id)
      return { ...state, items: state.items.map((lesson) => turned(lesson, fact)) }
    }
    case 'lessons.timetable_changed': {
      const { first, last } = fact.body
      return first <= state.date && state.date <= last ? { ...state, stale: true } : state
    }
    default:
      return state
  }
}

/** One lesson after a fact about it; another lesson stays as it is. */
export function turned(lesson: LessonView, fact: Fact): LessonView {
  if (!('lesson_id' in fact.body) || fact.body.lesson_id !== lesson.id) return lesson
  switch (fact.name) {
    case 'lessons.lesson_opened':
    case 'lessons.lesson_started':
      return { ...lesson, state: 'open' }
    case 'lessons.lesson_ended':
      return { ...lesson, state: 'ended', ends_at: fact.body.ends_at }
    default:
      return lesson
  }
}

/** Puts in a lesson that was read alone. */
export function withLesson(state: Lessons, lesson: LessonView): Lessons {
  const others = state.items.filter((item) => item.id !== lesson.id)
  return forget({ ...state, items: [...others, lesson] }, lesson.id)
}

/** Gives up on a lesson that this person may not see. */
export function forget(state: Lessons, id: string): Lessons {
  return { ...state, unread: state.unread.filter((other) => other !== id) }
}

function ask(state: Lessons, id: string): Lessons {
  return state.unread.includes(id) ? state : { ...state, unread: [...state.unread, id] }
}
