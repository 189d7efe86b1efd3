import { expect, it } from 'vitest'
import { person } from '../../../testing/room'
import { groupsOf, readList } from './groups'

const learners = ['Әлия Сапарова', 'Дәурен Қасымов', 'Тимур Ким'].map((name, i) =>
  person(`part_${i}`, { name, person_id: `person_${i}` }),
)
const named = (number: number) => `Топ ${number}`

it('puts people into groups by hand', () => {
  const put = new Map([
    ['person_0', 1],
    ['person_2', 0],
  ])
  expect(groupsOf('hand', { count: 2, put, list: '' }, learners, named)).toEqual({
    by: 'hand',
    count: 2,
    groups: [
      { name: 'Топ 1', person_ids: ['person_2'] },
      { name: 'Топ 2', person_ids: ['person_0'] },
    ],
  })
})

it('leaves everybody to chance', () => {
  const wish = groupsOf('chance', { count: 3, put: new Map([['person_0', 1]]), list: '' }, learners, named)
  expect(wish.groups.map(({ person_ids }) => person_ids)).toEqual([[], [], []])
})

it('reads a list: names or parts of names, a group a line, nobody twice', () => {
  const text = 'Алгебра: сапарова, КИМ\n\nқасымов, сапарова, nobody'
  expect(readList(text, learners, named)).toEqual([
    { name: 'Алгебра', person_ids: ['person_0', 'person_2'] },
    { name: 'Топ 2', person_ids: ['person_1'] },
  ])
})
