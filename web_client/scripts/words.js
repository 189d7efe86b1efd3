import { readFileSync } from 'node:fs'

/** What the pages of a lesson say, and what stands around any page. All else comes with the other pages. */
export const OF_LESSON = new Set([
  ...['after', 'app', 'before', 'board', 'captions', 'chat', 'common', 'connection', 'date', 'devices'],
  ...['error', 'lesson', 'lost', 'nav', 'playback', 'polls', 'reminders', 'report', 'room', 'settings', 'today'],
])
/** Refusals that no lesson meets: of questions, exams and marking. They come with the other pages' words. */
export const LATER = new Set([
  ...['added_time_unfit', 'allowance_unfit', 'answer_conflict', 'answer_too_late', 'appeal_decided', 'appeal_lowers'],
  ...['appeal_open', 'appeal_too_late', 'attempts_spent', 'bank_archived', 'bank_unfit', 'blueprint_short'],
  ...['blueprint_unfit', 'comment_missing', 'comment_too_long', 'exam_is_over', 'exam_is_published', 'exam_not_open'],
  ...['exam_not_sat', 'exam_unfit', 'export_failed', 'export_too_large', 'expression_unfit', 'item_answer_unfit'],
  ...['item_state_unfit', 'item_unfit', 'language_not_offered', 'last_section', 'mark_settled', 'media_unfit'],
  ...['no_questions', 'not_admitted', 'not_marked_by_hand', 'objective_unfit', 'other_device', 'own_item', 'own_work'],
  ...['points_unfit', 'question_not_ready', 'reason_missing', 'regrade_unfit', 'results_not_ready'],
  ...['results_not_released', 'results_released', 'rubric_unfit', 'same_marker', 'scale_missing', 'scale_unfit'],
  ...['section_not_open', 'sitting_move_unfit', 'sitting_not_running', 'taker_unfit', 'too_many_variants'],
  ...['too_many_answer_files'],
])
const ASKED = /\/locales\/(\w+)\.json\?of=(lesson|others)$/
const MADE = /^\0words:(lesson|others):(\w+)$/

/** A catalogue in two parts: `…/kk.json?of=lesson` and `…/kk.json?of=others`. */
export function wordsInParts() {
  return {
    name: 'words-in-parts',
    enforce: 'pre',
    resolveId(asked) {
      const [, language, part] = ASKED.exec(asked) ?? []
      return language ? `\0words:${part}:${language}` : null
    },
    load(id) {
      const [, part, language] = MADE.exec(id) ?? []
      if (!part) return null
      const file = new URL(`../src/locales/${language}.json`, import.meta.url).pathname
      this.addWatchFile(file)
      const { error, ...all } = JSON.parse(readFileSync(file, 'utf-8'))
      const isLesson = part === 'lesson'
      const of = (words, fits) => Object.fromEntries(Object.entries(words).filter(([key]) => fits(key) === isLesson))
      const refusals = of(error, (code) => !LATER.has(code.replace(/_(?:one|few|many|other)$/, '')))
      return `export default ${JSON.stringify({ error: refusals, ...of(all, (key) => OF_LESSON.has(key)) })}`
    },
  }
}
