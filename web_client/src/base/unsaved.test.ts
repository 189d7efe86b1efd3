import { expect, it } from 'vitest'
import { forgetUnsaved, UNSAVED } from './unsaved'

it('forgets what was not saved, and nothing else', () => {
  const kept = new Map([
    [`${UNSAVED}exam.anna.new`, '{}'],
    ['sabaq.language', 'kk'],
    [`${UNSAVED}exam.anna.old`, '{}'],
  ])
  const store = {
    get length() {
      return kept.size
    },
    key: (at: number) => [...kept.keys()][at] ?? null,
    removeItem: (key: string) => void kept.delete(key),
  }
  forgetUnsaved(store)
  expect([...kept.keys()]).toEqual(['sabaq.language'])
})
