import i18next from 'i18next'
import { expect, it } from 'vitest'
import type { PeopleWanted } from '../../api/school'
import type { OnRoll, Role } from '../../api/types'
import {
  dataOf,
  EMPTY,
  formOf,
  isErased,
  keptOf,
  nameOf,
  readPages,
  sameName,
  sharedClass,
  toSlip,
} from './model'

const person = (id: string, more: Partial<OnRoll> = {}): OnRoll => ({
  id,
  version: 1,
  family: 'Әбілов',
  given: 'Мирас',
  patronymic: null,
  has_iin: false,
  language: 'kk',
  active: true,
  login: id,
  log_in: 'none',
  roles: [],
  groups: [],
  ...more,
})

it('names people family first', () => {
  expect(nameOf(person('a', { patronymic: 'Серікұлы' }))).toBe('Әбілов Мирас Серікұлы')
  expect(nameOf(person('a'))).toBe('Әбілов Мирас')
})

it('sends trimmed data, and nothing where nothing was typed', () => {
  expect(dataOf({ ...EMPTY, family: ' Оспан ', given: 'Дина', iin: ' ' })).toEqual({
    family: 'Оспан',
    given: 'Дина',
    patronymic: null,
    iin: null,
    language: 'kk',
  })
  expect(formOf(person('a', { language: 'ru' }), '060101500019')).toMatchObject({
    family: 'Әбілов',
    patronymic: '',
    iin: '060101500019',
    language: 'ru',
    login: 'a',
  })
})

it('reads page after page, as many as are wanted and there are', async () => {
  const asked: PeopleWanted[] = []
  const api = {
    people: async (wanted: PeopleWanted) => {
      asked.push(wanted)
      const next = wanted.after === 'b' ? null : wanted.after === 'a' ? 'b' : 'a'
      return { position: 1, items: [person(wanted.after ?? 'first')], next }
    },
  }
  const two = await readPages(api, { search: 'ә' }, 2)
  expect(two.items.map(({ id }) => id)).toEqual(['first', 'a'])
  expect(two.more).toBe(true)
  expect(asked).toEqual([{ search: 'ә' }, { search: 'ә', after: 'a' }])
  const all = await readPages(api, {}, 9)
  expect([all.items.length, all.more]).toEqual([3, false])
})

it('gives slips to those who need one, or to all who can log in', () => {
  const people = [
    person('new'),
    person('slip', { log_in: 'slip' }),
    person('own', { log_in: 'own' }),
    person('gone', { active: false }),
    person('none', { login: '' }),
  ]
  expect(toSlip(people, false)).toEqual(['new', 'slip'])
  expect(toSlip(people, true)).toEqual(['new', 'slip', 'own'])
})

it('finds the class that all of them share', () => {
  const a = { id: 'group_a', name: '7 «А»' }
  const b = { id: 'group_b', name: '7 «Б»' }
  expect(sharedClass([person('1', { groups: [a, b] }), person('2', { groups: [b] })])).toBe('group_b')
  expect(sharedClass([person('1', { groups: [a] }), person('2')])).toBeNull()
  expect(sharedClass([])).toBeNull()
})

it('names nobody once somebody was erased', () => {
  const erased = { family: '', given: '—', patronymic: null }
  expect(isErased(erased)).toBe(true)
  expect(nameOf(erased)).toBe(i18next.t('personal.nobody'))
  expect(isErased({ family: 'Оспан', given: '—', patronymic: null })).toBe(false)
})

it('says what outlives an erasure, of teachers more', () => {
  const role = (name: Role) => ({ roles: [{ role: name } as OnRoll['roles'][number]] })
  expect(keptOf(role('learner'))).toEqual(['enrolments', 'visits', 'messages', 'exams', 'recordings', 'audit'])
  expect(keptOf(role('teacher'))).toContain('lessons')
})

it('takes a typed name for the same but for case and spaces', () => {
  expect(sameName(' оспан  ӘЛИЯ', 'Оспан Әлия')).toBe(true)
  expect(sameName('Оспан Алия', 'Оспан Әлия')).toBe(false)
})
