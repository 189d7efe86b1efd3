import { expect, it } from 'vitest'
import type { ReportLine } from '../../api/types'
import { asCsv, minutesAndSeconds, ordered } from './model'

const line = (name: string, minutes: number, spoke: number): ReportLine => ({
  person_id: name,
  name,
  expected: true,
  minutes,
  spoke,
  times: 1,
  came: null,
  went: null,
  messages: 0,
  polls: 0,
})

it('orders by what was asked, the most first', () => {
  const lines = [line('А', 10, 5), line('Ә', 40, 0), line('Б', 10, 9)]
  const names = (by: 'name' | 'minutes' | 'spoke') => ordered(lines, by).map(({ name }) => name)
  expect(names('name')).toEqual(['А', 'Ә', 'Б'])
  expect(names('minutes')).toEqual(['Ә', 'А', 'Б'])
  expect(names('spoke')).toEqual(['Б', 'А', 'Ә'])
})

it('shows seconds', () => {
  expect([0, 9, 61, 3600].map(minutesAndSeconds)).toEqual(['0:00', '0:09', '1:01', '60:00'])
})

it('writes tables that no program takes for a formula', () => {
  expect(asCsv(['a', 'b'], [['=SUM(1)', 2], ['x"y', -3]])).toBe(
    '\uFEFFa,b\r\n\'=SUM(1),2\r\n"x""y",-3\r\n',
  )
})
