import { expect, it } from 'vitest'
import { LONGEST, sentName } from './fileName'

const bytes = (text: string) => new TextEncoder().encode(text).length

it('leaves a name that fits as it is', () => {
  for (const name of ['a.png', 'есеп.docx', '\u05d0\u05d1.pdf', 'a'.repeat(LONGEST), ''])
    expect(sentName(name)).toBe(name)
})

it('cuts ten thousand letters of any kind and keeps the ending', () => {
  for (const letter of ['a', 'ә', '\u05d0', '語', '👩🏽‍🏫', '🇰🇿', 'e\u0301']) {
    const cut = sentName(`${letter.repeat(10_000)}.pdf`)
    expect(bytes(cut)).toBeLessThanOrEqual(LONGEST)
    expect(bytes(cut)).toBeGreaterThan(LONGEST - bytes(letter))
    expect(cut.endsWith(`${letter}.pdf`), 'no half of a letter is left').toBe(true)
  }
})

it('takes what is too long for an ending as a part of the name', () => {
  expect(bytes(sentName(`a.${'b'.repeat(1000)}`))).toBe(LONGEST)
  expect(bytes(sentName(`.${'b'.repeat(1000)}`))).toBe(LONGEST)
})

it('bears one letter made of thousands, and half a pair', () => {
  expect(sentName(`e${'\u0301'.repeat(5000)}.png`)).toBe('file.png')
  expect(() => encodeURIComponent(sentName('\ud83d'.repeat(9000)))).not.toThrow()
})
