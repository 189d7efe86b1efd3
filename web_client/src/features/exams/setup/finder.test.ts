import { expect, it } from 'vitest'
import type { ItemRow } from '../../../api/exams'
import { Scope } from '../../../base/scope'
import { Finder, STEP } from './finder'

type Page = { items: ItemRow[]; next: string | null; total: number }
const rows = (bank: string, from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `${bank}${from + at}` }) as ItemRow)

/** Banks of so many questions, told in pages of 15. */
function banks(sizes: Record<string, number>) {
  const calls: string[] = []
  const findItems = async (bank: string, search: string, drafts: boolean, after?: string): Promise<Page> => {
    calls.push([bank, search, drafts, after ?? ''].join(' '))
    const from = after ? Number(after) : 0
    const size = sizes[bank]
    if (size === undefined) throw new Error('no line')
    const count = Math.min(15, size - from)
    const next = from + count < size ? String(from + count) : null
    return { items: rows(bank, from, count), next, total: size }
  }
  return { api: { findItems } as never, calls }
}

it('goes from page to page and from bank to bank, as far as is read', async () => {
  const { api, calls } = banks({ a: 18, b: 0, c: 30 })
  const finder = new Finder(new Scope(), api)
  await finder.begin(['a', 'b', 'c'], 'тең', true)
  expect(calls).toEqual(['a тең true ', 'a тең true 15', 'b тең true ', 'c тең true '])
  expect(finder.state.get()).toMatchObject({ busy: false, more: true, error: null })
  expect(finder.state.get().rows).toHaveLength(33)
  expect(33).toBeGreaterThanOrEqual(STEP)
  await finder.more()
  expect([finder.state.get().rows.length, finder.state.get().more]).toEqual([48, false])
  expect(new Set(finder.state.get().rows.map(({ id }) => id)).size).toBe(48)
})

it('shows only what was asked for last', async () => {
  const { api } = banks({ a: 3, b: 2 })
  const finder = new Finder(new Scope(), api)
  const first = finder.begin(['a'], 'x', false)
  await finder.begin(['b'], 'y', false)
  await first
  expect(finder.state.get().rows.map(({ id }) => id)).toEqual(['b0', 'b1'])
})

it('keeps what it found before the line broke, and asks again from there', async () => {
  const sizes: Record<string, number> = { a: 3 }
  const { api } = banks(sizes)
  const finder = new Finder(new Scope(), api)
  await finder.begin(['a', 'b'], '', false)
  expect(finder.state.get()).toMatchObject({ busy: false, more: true })
  expect([finder.state.get().rows.length, finder.state.get().error instanceof Error]).toEqual([3, true])
  sizes.b = 2
  await finder.more()
  expect(finder.state.get()).toMatchObject({ more: false, error: null })
  expect(finder.state.get().rows).toHaveLength(5)
})
