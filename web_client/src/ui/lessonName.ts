import i18next from 'i18next'
import type { LessonView } from '../api/types'
import { named } from '../base/i18n'

/** How a lesson is called: class and subject, or its own title when it has no subject, or just a lesson. */
export function lessonName(lesson: LessonView): { first: string; second: string } {
  const subject = named(lesson.subject)
  if (!subject) return { first: lesson.title || i18next.t('playback.untitled'), second: lesson.group }
  if (!lesson.group) return { first: subject, second: '' }
  return { first: lesson.group, second: subject }
}
