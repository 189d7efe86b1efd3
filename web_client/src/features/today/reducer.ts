import type { Fact, LessonView } from '../../api/types'

export interface Lessons {
  date: string
  items: readonly LessonView[]
  /** Lessons that a fact named and that are not read yet. */
  unread: readonly string[]
}

/** Topic `lessons:<organisation>`: what a fact changes in the list of the day. */
export function reduceLessons(state: Lessons, fact: Fact): Lessons {
  const id = fact.body.lesson_id
  if (typeof id !== 'string') return state
  if (!state.items.some((item) => item.id === id)) return ask(state, id)
  switch (fact.name.split('.').pop()) {
    case 'lesson_opened':
    case 'lesson_started':
      return turn(state, id, 'open')
    case 'lesson_ended':
      return turn(state, id, 'ended')
    default:
      return state
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

/** An ended lesson stays ended, whatever comes late. */
function turn(state: Lessons, id: string, to: LessonView['state']): Lessons {
  const items = state.items.map((item) =>
    item.id === id && item.state !== 'ended' ? { ...item, state: to } : item,
  )
  return { ...state, items }
}
