import { expect, it } from 'vitest'
import type { Api } from '../../api/client'
import type { DemoPerson } from '../../api/types'
import { Refusal } from '../../base/errors'
import type { Entrance } from '../entrance/model'
import { byRole, DemoModel } from './model'

const person = (login: string, role: DemoPerson['role']): DemoPerson => ({
  login,
  role,
  name: login,
  place: { kk: '', ru: '', en: '' },
})

it('groups people by role, teachers first, each in the order given', () => {
  const people = [
    person('admin', 'administrator'),
    person('student1', 'learner'),
    person('teacher', 'teacher'),
    person('student2', 'learner'),
    person('ghost', 'something_new' as DemoPerson['role']),
  ]
  expect(byRole(people).map((group) => [group.role, group.people.map((p) => p.login)])).toEqual([
    ['teacher', ['teacher']],
    ['learner', ['student1', 'student2']],
    ['administrator', ['admin']],
    ['something_new', ['ghost']],
  ])
})

it('stays open after a refusal and lets one choose again', async () => {
  const answers = [new Refusal('demo_not_offered', 403), null]
  const api = { openDemo: async () => ({ people: [person('teacher', 'teacher')] }) }
  const enterDemo = async () => {
    const refusal = answers.shift()
    if (refusal) throw refusal
  }
  const model = new DemoModel(api as unknown as Api, { enterDemo } as unknown as Entrance)
  await model.open()
  expect(await model.enter('teacher')).toBe(false)
  expect(model.school.get()).toMatchObject({ phase: 'open', entering: null })
  expect(await model.enter('teacher')).toBe(true)
})
