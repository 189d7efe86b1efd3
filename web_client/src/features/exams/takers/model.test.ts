import { expect, it } from 'vitest'
import type { TakerView } from '../../../api/exams'
import { allowedOf, factorOf, forResit, inOrder, percentOf, standingOf, takerData } from './model'

const taker = (more: Partial<TakerView> = {}): TakerView => ({
  person_id: 'person_1',
  name: 'Қасымов Дәурен',
  group_id: null,
  group: '11 «А»',
  seat: '',
  factor: '1',
  extra_seconds: 0,
  exempt: false,
  admitted: false,
  refusal: '',
  check: '',
  sittings: [],
  ...more,
})

it.each([
  ['25', '5/4'],
  ['50', '3/2'],
  ['100', '2'],
  ['33,33', '13333/10000'],
  ['', '1'],
])('"%s" percent longer is %s, and back', (percent, factor) => {
  expect(factorOf(percent)).toBe(factor)
  expect(percentOf(factor)).toBe(percent.replace(',', '.'))
})

it('keeps what was set through the form', () => {
  const one = taker({ seat: 'B-12', factor: '3/2', extra_seconds: 630, refusal: 'Қарыз' })
  expect(allowedOf(one)).toMatchObject({ percent: '50', minutes: '10.5' })
  const { seat, factor, extra_seconds, exempt, admitted, refusal } = one
  expect(takerData(allowedOf(one))).toEqual({ seat, factor, extra_seconds, exempt, admitted, refusal })
})

it('says first what matters most', () => {
  const sat = [{ id: 'sitting_1', attempt: 1, state: 'running' }] as TakerView['sittings']
  expect(standingOf(taker({ exempt: true, refusal: 'x' }))).toBe('exempt')
  expect(standingOf(taker({ refusal: 'x', sittings: sat }))).toBe('refused')
  expect(standingOf(taker({ check: 'rating_low' }))).toBe('checked')
  expect(standingOf(taker({ check: 'rating_low', admitted: true }))).toBe('expected')
  expect(standingOf(taker({ sittings: sat }))).toBe('sat')
})

it('stands by class and by the Kazakh alphabet', () => {
  const named = (group: string, name: string) => taker({ group, name })
  const found = inOrder([named('11 «Б»', 'А'), named('11 «А»', 'Інжу'), named('11 «А»', 'Әсел')])
  expect(found.map(({ name }) => name)).toEqual(['Әсел', 'Інжу', 'А'])
})

it('offers a resit to who failed, missed it or was stopped', () => {
  const with_ = (person_id: string, ...states: string[]) =>
    taker({ person_id, sittings: states.map((state, at) => ({ id: `s${at}`, attempt: at + 1, state })) as TakerView['sittings'] })
  const takers = [with_('passed', 'accepted'), with_('failed', 'handed_in'), with_('missed', 'missed'), with_('never'), with_('stopped', 'terminated', 'voided')]
  expect(forResit([...takers, taker({ exempt: true })], new Set(['failed']))).toEqual(['failed', 'missed', 'never', 'stopped'])
})
