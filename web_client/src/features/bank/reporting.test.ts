import type { TFunction } from 'i18next'
import { expect, it } from 'vitest'
import en from '../../locales/en.json'
import { aboutOf, firstOf, FORMATS, reasonOf, tableOf } from './reporting'

const t = ((keys: string | string[], given: Record<string, string> = {}) => {
  for (const key of [keys].flat()) {
    const found = key.split('.').reduce<unknown>((of, part) => (of as Record<string, unknown> | undefined)?.[part], en)
    if (typeof found === 'string') return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => given[name] ?? '')
  }
  return given.defaultValue ?? [keys].flat().at(-1)
}) as unknown as TFunction
const words: Record<string, string> = en.bank.exchange

it('says why a question was refused or what it lost', () => {
  expect(reasonOf({ why: 'braces_unbalanced', what: '' }, t)).toBe(words.bracesUnbalanced)
  expect(reasonOf({ why: 'new_in_the_server', what: '' }, t)).toBe(words.other)
  expect(reasonOf({ why: 'too_many', what: '' }, t)).toBe(words.tooMany)
  expect(reasonOf({ why: 'languages_lost', what: 'ru en' }, t)).toContain(`${en.bank.language.ru}, ${en.bank.language.en}`)
  expect(reasonOf({ why: 'setting_lost', what: 'difficulty' }, t)).toContain(en.bank.setting.difficulty)
  expect(aboutOf({ why: 'media_missing', what: 'a.png' }, t)).toBe('a.png')
  expect(aboutOf({ why: 'setting_lost', what: 'tags' }, t)).toBe('')
  expect(aboutOf({ why: 'no_place_in_format', what: 'numeric' }, t)).toBe(en.bank.kind.numeric)
  expect(aboutOf({ why: 'rule_lost', what: 'per_part' }, t)).toBe(en.bank.rules.per_part)
})

it('takes the faults of a refused question apart', () => {
  const said = reasonOf({ why: 'item_unfit', what: 'body.options none; body.right key' }, t)
  expect(said).toBe(`${en.bank.place.options}: ${en.bank.why.none_at_options} ${en.bank.place.right}: ${en.bank.why.key_at_right}`)
})

it('is a table that a spreadsheet opens and never runs', () => {
  const report = {
    refused: [{ where: 'a.gift:12', why: 'key_missing', what: '=1+1' }],
    noted: [{ where: 'a;b.gift:3', why: 'markup_lost', what: '"x"' }],
  }
  const lines = tableOf(report, t).split('\r\n')
  expect(lines[0]).toBe(`\ufeff${en.bank.report.state};${en.bank.report.where};${en.bank.report.why};${en.bank.report.about}`)
  expect(lines[1]).toContain(";'=1+1")
  expect(lines[2]).toContain('"a;b.gift:3"')
  expect(lines[2]).toContain('"""x"""')
  expect(lines.length).toBe(4)
})

it('shows the first of very many', () => {
  expect(firstOf(Array.from({ length: 205 }, () => 0))).toMatchObject({ more: 5 })
  expect(firstOf([1]).more).toBe(0)
})

it('names every format, and tells what it loses', () => {
  const formats: Record<string, string> = en.bank.format
  const losses: Record<string, string> = en.bank.losses
  for (const format of FORMATS) expect([formats[format], losses[format]].every(Boolean), format).toBe(true)
})
