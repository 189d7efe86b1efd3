import { expect, it } from 'vitest'
import { classesOf, found } from './model'

const learners = [
  { id: 'person_1', name: 'Айдарұлы Әли', groups: ['11 «А»', '9 «Ә»'] },
  { id: 'person_2', name: 'Оспан Әлия', groups: ['11 «А»'] },
]

it('sorts classes by their number', () => {
  expect(classesOf(learners)).toEqual(['9 «Ә»', '11 «А»'])
  expect(classesOf([])).toEqual([])
})

it('finds by the beginnings of words, and within a class', () => {
  const names = (group: string, typed: string) =>
    found(learners, group, typed).map(({ id }) => id)
  expect(names('', '')).toEqual(['person_1', 'person_2'])
  expect(names('', 'әли')).toEqual(['person_1', 'person_2'])
  expect(names('', ' ОСП  әли')).toEqual(['person_2'])
  expect(names('', 'спан')).toEqual([])
  expect(names('9 «Ә»', 'ә')).toEqual(['person_1'])
})
