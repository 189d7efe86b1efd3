import { expect, it } from 'vitest'
import type { Api } from '../../api/client'
import type { AuditEntry } from '../../api/types'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { AuditModel, byDay, detailOf, filterOf, searchOf } from './model'

const entry = (id: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: '2026-11-21T05:00:00Z',
  what: 'logged_in',
  op: '',
  code: 'password',
  actor_id: 'person_1',
  subject_id: null,
  address: '',
  times: 1,
  details: {},
  ...more,
})
const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function log(answers: (Refusal | { items: AuditEntry[]; earlier: string | null })[]) {
  const asked: unknown[] = []
  const audit = async (...all: unknown[]) => {
    asked.push(all)
    const answer = answers.shift()!
    if (answer instanceof Refusal) throw answer
    return { ...answer, names: { [answer.items[0]?.id ?? '']: 'somebody' } }
  }
  const model = new AuditModel(new Scope(), { audit } as unknown as Api, 'unit_1', { what: 'looked' })
  return { model, asked }
}

it('reads page by page and keeps what it has', async () => {
  const { model, asked } = log([
    { items: [entry('b')], earlier: 'b' },
    { items: [entry('a')], earlier: null },
  ])
  await settle()
  await Promise.all([model.more(), model.more()])
  expect(asked).toEqual([
    ['unit_1', { what: 'looked' }],
    ['unit_1', { what: 'looked', before: 'b' }],
  ])
  const state = model.state.get()
  expect(state.phase === 'ready' && state.items.map(({ id }) => id)).toEqual(['b', 'a'])
  expect(state).toMatchObject({ names: { a: 'somebody', b: 'somebody' }, earlier: null })
  await model.more()
  expect(asked).toHaveLength(2)
})

it('keeps the lines when an earlier page is refused, and lets one ask again', async () => {
  const { model } = log([
    { items: [entry('b')], earlier: 'b' },
    new Refusal('busy', 503),
    { items: [entry('a')], earlier: null },
  ])
  await settle()
  await model.more()
  expect(model.state.get()).toMatchObject({ phase: 'ready', busy: false, error: { code: 'busy' } })
  await model.more()
  expect(model.state.get()).toMatchObject({ error: null, earlier: null })
})

it('says of each line what is worth saying', () => {
  expect(detailOf(entry('a'))[0]).toBe('locks.by.password')
  expect(detailOf(entry('a', { what: 'refused', code: 'forbidden' }))[0]).toBe(
    'audit.refusal.forbidden',
  )
  expect(detailOf(entry('a', { what: 'role_given', details: { role: 'tutor' } }))[0]).toBe(
    'role.one.tutor',
  )
  expect(detailOf(entry('a', { what: 'code_made' }))[0]).toBe('audit.code.paper')
  expect(detailOf(entry('a', { what: 'something_new' }))).toEqual([])
})

it('puts lines of a day together in their order', () => {
  const items = ['2026-11-21T09', '2026-11-21T08', '2026-11-20T23'].map((at) => ({ at }))
  const days = byDay(items, (at) => at.slice(0, 10))
  expect(days.map(({ day, items: found }) => [day, found.length])).toEqual([
    ['2026-11-21', 2],
    ['2026-11-20', 1],
  ])
})

it.each([
  ['', {}, ''],
  ['what=refused&person=person_1', { what: 'refused', person: 'person_1' }, '?what=refused&person=person_1'],
  ['what=else', {}, ''],
])('reads the filter "%s"', (search, filter, again) => {
  expect(filterOf(search)).toEqual(filter)
  expect(searchOf(filter)).toBe(again)
})
