import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { toBase64 } from '../board/base64'
import { Past, readPast } from './past'

const BEGAN = '2026-11-21T10:00:00Z'

function written() {
  const doc = new Y.Doc()
  const items: { number: number; at: string; update: string }[] = []
  const write = (at: string, text: string) => {
    doc.once('update', (update: Uint8Array) => {
      items.push({ number: items.length + 1, at, update: toBase64(update) })
    })
    doc.getText('notes').insert(doc.getText('notes').length, text)
  }
  write('2026-11-21T09:59:00Z', 'Бұрын. ')
  write('2026-11-21T10:00:10Z', 'Бір. ')
  write('2026-11-21T10:00:20.500Z', 'Екі.')
  return items
}

it('a board is what it was at each second, forward and back', () => {
  const past = new Past(BEGAN)
  past.take(written())
  const at = (second: number) => past.docOf(past.stepAt(second)).getText('notes').toString()
  expect([0, 10, 20, 21].map(at)).toEqual(['Бұрын. ', 'Бұрын. Бір. ', 'Бұрын. Бір. ', 'Бұрын. Бір. Екі.'])
  expect(at(5)).toBe('Бұрын. ')
  expect(past.stepAt(12)).toBe(past.stepAt(19))
})

it('a change that is none leaves the rest', () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const past = new Past(BEGAN)
  const [first, second] = written()
  past.take([first!, { at: BEGAN, update: btoa('no change') }, second!])
  expect(past.docOf(3).getText('notes').toString()).toBe('Бұрын. Бір. ')
  expect(warned).toHaveBeenCalledOnce()
  warned.mockRestore()
})

it('is read page by page, until nobody looks any more', async () => {
  const items = written()
  const asked: number[] = []
  const boardPast = (_: string, after: number) => {
    asked.push(after)
    const page = { head: 3, state: null, state_number: 0, items: items.slice(after, after + 1), more: after < 2 }
    return Promise.resolve(page as never)
  }
  const past = new Past(BEGAN)
  await readPast({ boardPast }, 'board_1', past, () => true)
  expect(asked).toEqual([0, 1, 2])
  expect(past.stepAt(1e9)).toBe(3)
  asked.length = 0
  await readPast({ boardPast }, 'board_1', new Past(BEGAN), () => false)
  expect(asked).toEqual([0])
})
