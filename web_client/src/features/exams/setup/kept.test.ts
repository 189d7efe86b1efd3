import { describe, expect, it } from 'vitest'
import { newDraft } from '../draft'
import { changedIn, KEPT_FOR, KeptDraft } from './kept'

const NOW = Date.UTC(2026, 10, 23, 5)
const saved = newDraft(NOW, 'Asia/Almaty', 'kk')

class Memory implements Storage {
  private readonly all = new Map<string, string>()
  get length() {
    return this.all.size
  }
  key = (at: number) => [...this.all.keys()][at] ?? null
  getItem = (key: string) => this.all.get(key) ?? null
  setItem = (key: string, text: string) => void this.all.set(key, text)
  removeItem = (key: string) => void this.all.delete(key)
  clear = () => this.all.clear()
}

const full: Storage = Object.assign(new Memory(), {
  setItem: () => {
    throw new Error('full')
  },
})

describe('a test that is being written', () => {
  it('is offered again to whom it belongs, on the test it was written on', () => {
    const store = new Memory()
    const at = (person: string, exam: string | null, now = NOW) => new KeptDraft(store, person, exam, () => now)
    at('anna', 'e1').keep({ ...saved, title: 'Туынды' }, 3)
    expect(at('anna', 'e1').read(saved)).toEqual({ version: 3, at: NOW, draft: { ...saved, title: 'Туынды' } })
    for (const other of [at('boris', 'e1'), at('anna', 'e2'), at('anna', null)]) expect(other.read(saved)).toBe(null)
    at('anna', 'e1').forget()
    expect(at('anna', 'e1').read(saved)).toBe(null)
  })

  it('is nothing where it is what is saved, and has what is new in the form since', () => {
    const store = new Memory()
    const kept = new KeptDraft(store, 'anna', null, () => NOW)
    kept.keep(saved, 0)
    expect(kept.read(saved)).toBe(null)
    const { navigation: _, ...older } = { ...saved, title: 'Ескі' }
    kept.keep(older as typeof saved, 0)
    expect(kept.read(saved)?.draft.navigation).toBe('free')
  })

  it('is forgotten when nobody came back for long, and what cannot be read is not there', () => {
    const store = new Memory()
    new KeptDraft(store, 'anna', 'old', () => NOW - KEPT_FOR - 1).keep({ ...saved, title: 'A' }, 1)
    new KeptDraft(store, 'anna', 'new', () => NOW - KEPT_FOR + 1).keep({ ...saved, title: 'B' }, 1)
    store.setItem('sabaq.unsaved.exam.anna.broken', '{"version": 1')
    store.setItem('other', 'stays')
    const broken = new KeptDraft(store, 'anna', 'broken', () => NOW)
    expect(broken.read(saved)).toBe(null)
    expect(Array.from({ length: store.length }, (_, at) => store.key(at))).toEqual(['sabaq.unsaved.exam.anna.new', 'other'])
  })

  it('stays on the page where the browser keeps nothing', () => {
    const kept = new KeptDraft(full, 'anna', null, () => NOW)
    kept.keep({ ...saved, title: 'A' }, 0)
    expect(kept.read(saved)).toBe(null)
  })

  it('says in which parts of the form it differs', () => {
    expect(changedIn(saved, { ...saved })).toEqual([])
    const mine = { ...saved, shuffle: false, persons: ['p'], title: 'A', minutes: '5', ends: '2026-11-23T10:00' }
    expect(changedIn(mine, saved)).toEqual(['title', 'time', 'who', 'rules'])
    expect(changedIn({ ...saved, sections: [] }, saved)).toEqual(['questions'])
  })
})
