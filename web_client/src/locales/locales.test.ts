import { describe, expect, it } from 'vitest'
import en from './en.json'
import kk from './kk.json'
import ru from './ru.json'

type Catalogue = { [key: string]: string | string[] | Catalogue }
const catalogues: Record<string, Catalogue> = { kk, ru, en }

function flat(catalogue: Catalogue, prefix = ''): Map<string, string | string[]> {
  const all = new Map<string, string | string[]>()
  for (const [key, value] of Object.entries(catalogue)) {
    if (typeof value === 'string' || Array.isArray(value)) all.set(prefix + key, value)
    else for (const entry of flat(value, `${prefix}${key}.`)) all.set(...entry)
  }
  return all
}
const keys = (catalogue: Catalogue) =>
  [
    ...new Set([...flat(catalogue).keys()].map((key) => key.replace(/_(one|few|many|other)$/, ''))),
  ].sort()
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

const sources = import.meta.glob<string>('../**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
})

describe('catalogues', () => {
  it('have the same keys', () => {
    expect(keys(ru)).toEqual(keys(kk))
    expect(keys(en)).toEqual(keys(kk))
  })

  it('say something under every key', () => {
    for (const catalogue of Object.values(catalogues)) {
      for (const [key, value] of flat(catalogue)) {
        for (const text of [value].flat()) expect(text.trim(), key).not.toBe('')
      }
    }
  })

  it('fill in the same values', () => {
    const wanted = flat(kk)
    for (const catalogue of [ru, en]) {
      for (const [key, value] of flat(catalogue)) {
        const other = wanted.get(key) ?? wanted.get(key.replace(/_(one|few|many|other)$/, ''))
        if (typeof value === 'string' && typeof other === 'string') {
          expect(holes(value), key).toEqual(holes(other))
        }
      }
    }
  })

  it('have every plural form of their language, and Kazakh needs none after a number', () => {
    const forms = (catalogue: Catalogue) => {
      const found = new Map<string, Set<string>>()
      for (const key of flat(catalogue).keys()) {
        const [, stem, form] = /^(.*)_(one|few|many|other)$/.exec(key) ?? []
        if (stem && form) found.set(stem, (found.get(stem) ?? new Set()).add(form))
      }
      return found
    }
    expect([...forms(kk).keys()]).toEqual([])
    expect(forms(ru).size).toBeGreaterThan(0)
    for (const [stem, got] of forms(ru))
      expect([...got].sort(), stem).toEqual(['few', 'many', 'one', 'other'])
    for (const [stem, got] of forms(en)) expect([...got].sort(), stem).toEqual(['one', 'other'])
  })

  it('hold every key that the source asks for', () => {
    const known = keys(kk)
    const asked = new Set<string>()
    for (const [file, text] of Object.entries(sources)) {
      if (file.endsWith('.test.ts')) continue
      for (const match of text.matchAll(/['`]([a-z]+(?:\.[a-zA-Z]+)+)['`]/g)) asked.add(match[1]!)
      for (const match of text.matchAll(/`([a-z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)) asked.add(match[1]!)
    }
    const roots = new Set(known.map((key) => key.split('.')[0]))
    const ours = [...asked].filter((key) => roots.has(key.split('.')[0]))
    expect(ours.length).toBeGreaterThan(100)
    const missing = ours.filter((key) =>
      key.endsWith('.') ? !known.some((k) => k.startsWith(key)) : !known.includes(key),
    )
    expect(missing).toEqual([])
  })
})
