import { expect, test } from 'vitest'
import { OF_LESSON } from '../../scripts/words.js'
import words from '../locales/kk.json'

/** What a lesson's pages are made of, and what stands around any page. */
const files = import.meta.glob<string>(
  [
    '../{features/{lesson,board,shell},media,ui}/**/*.{ts,tsx}',
    '../{App,fresh}.tsx',
    '../features/{devices/Preview,settings/Panel,playback/Mark,reminders/Reminders}.tsx',
    '!../ui/reveal.tsx', // shows passwords: at the door and in the settings
    '!../features/lesson/room/{OwnLine.tsx,ownWaysText.ts}', // come late, together with all words (TopBar)
  ],
  { query: '?raw', import: 'default', eager: true },
)

test('a lesson finds its words in its own part of a catalogue', () => {
  const others = Object.keys(words).filter((key) => !OF_LESSON.has(key))
  const asked = Object.entries(files).flatMap(([file, text]) =>
    others.filter((key) => new RegExp(`t\\(\\[?['"\`]${key}\\.`).test(text)).map((key) => [file, key]),
  )
  expect(asked).toEqual([])
  expect(Object.keys(files).length).toBeGreaterThan(50)
})
