import type { TFunction } from 'i18next'
import { expect, it } from 'vitest'
import { Refusal } from '../../base/errors'
import en from '../../locales/en.json'
import { faultOf, faultsAt, faultsWithin, nameOf, placed, toTell, WHY, whyOf } from './faults'

/** The English catalogue, as i18next reads it. */
const t = ((keys: string | string[], given?: { defaultValue?: string }) => {
  for (const key of [keys].flat()) {
    const found = key.split('.').reduce<unknown>((of, part) => (of as Record<string, unknown> | undefined)?.[part], en)
    if (typeof found === 'string') return found
  }
  return given?.defaultValue ?? [keys].flat().at(-1)
}) as unknown as TFunction

const faults = [
  { where: 'prompt', why: 'none' },
  { where: 'body.options[1].words', why: 'language' },
  { where: 'body.right', why: 'key' },
]

it('stand at their place, and within what holds it', () => {
  expect(faultsAt(faults, 'body.options[1].words')).toEqual([faults[1]])
  expect(faultsAt(faults, 'body.options')).toEqual([])
  expect(faultsWithin(faults, 'body.options')).toEqual([faults[1]])
  expect(faultsWithin(faults, 'body.option')).toEqual([])
})

it('say nothing of what is only not written yet, until it is to be kept', () => {
  expect(toTell(faults, false)).toEqual([faults[1]])
  expect(toTell(faults, true)).toEqual(faults)
})

it('are brought from what was sent to what is written', () => {
  const options = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  const accepted = [{ text: '' }, { text: 'x' }]
  const draft = { body: { options, accepted, gaps: [{ id: '1' }, { id: '2' }] } }
  const sent = { body: { options: options.slice(1), accepted: accepted.slice(1), gaps: [{ id: '2', body: {} }] } }
  const at = (where: string) => placed([{ where, why: 'none' }], sent, draft)[0]!.where
  expect(at('body.options[0].words')).toBe('body.options[1].words')
  expect(at('body.accepted[0].text')).toBe('body.accepted[1].text')
  expect(at('body.gaps[0].body')).toBe('body.gaps[1].body')
  expect(at('prompt.kk')).toBe('prompt.kk')
})

it('are made of a refusal', () => {
  expect(faultOf(new Refusal('item_unfit', 422, { where: 'points', why: 'number' }))).toEqual({ where: 'points', why: 'number' })
  expect(faultOf(new Refusal('malformed', 422, { where: 'body.near.1.share' }))).toEqual({ where: 'body.near[1].share', why: 'shape' })
  expect(faultOf(new Refusal('stale', 409))).toBeNull()
})

it('have a name for each place and a sentence for each reason', () => {
  expect(nameOf('body.options[2].words', t)).toBe(`${en.bank.place.options} 3`)
  expect(nameOf('feedback.right', t)).toBe(`${en.bank.place.feedback} · ${en.bank.place.feedback_right}`)
  expect(nameOf('body.gaps[0].body.accepted[1].text', t)).toBe(`${en.bank.place.gaps} 1 · ${en.bank.place.accepted} 2`)
  expect(nameOf('', t)).toBe(en.bank.place.item)
  for (const why of WHY) expect(whyOf({ where: 'body', why }, t)).toBe(en.bank.why[why])
  expect(whyOf({ where: 'body.right', why: 'key' }, t)).toBe(en.bank.why.key_at_right)
})
