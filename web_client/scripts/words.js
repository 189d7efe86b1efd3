import { readFileSync } from 'node:fs'

/** What the pages of a lesson say, and what stands around any page. All else comes with the other pages. */
export const OF_LESSON = new Set([
  ...['after', 'app', 'before', 'board', 'captions', 'chat', 'common', 'connection', 'date', 'devices'],
  ...['error', 'lesson', 'lost', 'nav', 'playback', 'polls', 'reminders', 'report', 'room', 'settings', 'today'],
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
      const all = Object.entries(JSON.parse(readFileSync(file, 'utf-8')))
      const found = all.filter(([key]) => OF_LESSON.has(key) === (part === 'lesson'))
      return `export default ${JSON.stringify(Object.fromEntries(found))}`
    },
  }
}
