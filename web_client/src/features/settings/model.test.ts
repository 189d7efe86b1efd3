import { expect, it } from 'vitest'
import { Preferences } from './model'

it('remembers on this device whether letters act as commands', () => {
  const kept = new Map<string, string>()
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const first = new Preferences(store)
  expect(first.letterKeys.get()).toBe(true)
  first.setLetterKeys(false)
  expect(new Preferences(store).letterKeys.get()).toBe(false)
})
