import { describe, expect, it } from 'vitest'
import type { Api } from '../../api/client'
import { Link } from '../../api/link'
import type { Fact, Slip } from '../../api/types'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { FakeSocket } from '../../testing/fakeSocket'
import {
  lastDay,
  mondayOf,
  plusDays,
  schoolYearOf,
  weekdayNumber,
  yearName,
} from './days'
import { Loaded } from './loaded'
import { levelsBelow, noteChange, SchoolModel } from './model'

describe('days', () => {
  it('counts over months, years and leap days', () => {
    expect(plusDays('2026-12-30', 3)).toBe('2027-01-02')
    expect(plusDays('2028-03-01', -1)).toBe('2028-02-29')
    expect(weekdayNumber('2026-10-22')).toBe(3)
    expect(mondayOf('2026-10-25')).toBe('2026-10-19')
    expect(mondayOf('2026-10-19')).toBe('2026-10-19')
  })

  it('knows the school year of a day', () => {
    expect(schoolYearOf('2026-07-31')).toBe(2025)
    expect(schoolYearOf('2026-08-01')).toBe(2026)
    expect([yearName(2026), yearName(2099)]).toEqual(['2026/27', '2099/00'])
    expect(lastDay('2026-10-19', 2026)).toBe('2027-05-25')
    expect(lastDay('2027-06-30', 2026)).toBe('2027-07-06')
  })
})

describe('Loaded', () => {
  function reading() {
    const asked: { answer: (text: string) => void; refuse: (error: unknown) => void }[] = []
    const refused: unknown[] = []
    const scope = new Scope()
    const ask = () =>
      new Promise<string>((answer, refuse) => {
        asked.push({ answer, refuse })
      })
    const loaded = new Loaded(scope, ask, (error) => refused.push(error))
    const settle = () => new Promise((done) => setTimeout(done))
    return { asked, refused, scope, loaded, settle }
  }

  it('keeps what was read while it reads again', async () => {
    const { asked, loaded, settle } = reading()
    expect(loaded.state.get()).toEqual({ phase: 'loading' })
    asked[0]!.answer('one')
    await settle()
    void loaded.read()
    expect(loaded.state.get()).toEqual({ phase: 'ready', value: 'one' })
    asked[1]!.answer('two')
    await settle()
    expect(loaded.state.get()).toEqual({ phase: 'ready', value: 'two' })
  })

  it('takes the answer that was asked for last, in whatever order they come', async () => {
    const { asked, loaded, settle } = reading()
    void loaded.read()
    asked[1]!.answer('new')
    await settle()
    asked[0]!.answer('old')
    await settle()
    expect(loaded.state.get()).toEqual({ phase: 'ready', value: 'new' })
  })

  it('tells of a refusal and tries again', async () => {
    const { asked, refused, loaded, settle } = reading()
    const no = new Refusal('not_logged_in', 401)
    asked[0]!.refuse(no)
    await settle()
    expect(loaded.state.get()).toEqual({ phase: 'failed', error: no })
    expect(refused).toEqual([no])
    loaded.again()
    expect(loaded.state.get()).toEqual({ phase: 'loading' })
  })

  it('says nothing after its end', async () => {
    const { asked, scope, loaded, settle } = reading()
    scope.end()
    asked[0]!.answer('late')
    await settle()
    expect(loaded.state.get()).toEqual({ phase: 'loading' })
  })
})

describe('SchoolModel', () => {
  const none = { people: 0, groups: 0, courses: 0, organisation: 0 }

  it('notes what a fact changes, and nothing of others', () => {
    expect(noteChange(none, { name: 'people.people_changed' })).toEqual({ ...none, people: 1 })
    const added = noteChange(none, { name: 'orgs.organisation_added' })
    expect(added).toEqual({ ...none, organisation: 1 })
    expect(noteChange(none, { name: 'lessons.lesson_opened' })).toBe(none)
  })

  it('follows its organisation and counts changes', async () => {
    const socket = new FakeSocket()
    socket.answer('subscribe', ({ position }) => ({ ok: { position, events: [] } }))
    const scope = new Scope()
    const read = async () => ({ position: 4, organisation: { id: 'unit_1' } })
    const api = { school: () => ({ read }) } as unknown as Api
    const model = new SchoolModel(scope, api, new Link(socket), 'unit_1')
    socket.open()
    await new Promise((done) => setTimeout(done))
    socket.tell('event', {
      position: 5,
      topic: 'keeping:unit_1',
      name: 'groups.groups_changed',
      body: { organisation_id: 'unit_1' },
    } as unknown as Fact)
    expect(model.kept.get()).toMatchObject({ state: { changes: { ...none, groups: 1 } } })
    scope.end()
  })

  it('makes slips a hundred at a time, keeps those made, in the order of the alphabet', async () => {
    const asked: string[][] = []
    const slips = async (ids: string[]) => {
      asked.push(ids)
      if (asked.length === 3) throw new Refusal('person_above', 403)
      return { items: ids.map((id) => ({ person_id: id, name: id }) as Slip) }
    }
    const api = { school: () => ({ read: () => new Promise(() => undefined), slips }) }
    const model = new SchoolModel(
      new Scope(),
      api as unknown as Api,
      new Link(new FakeSocket()),
      'unit_1',
    )
    await expect(model.makeSlips(['в', 'ә', 'а', 'б', 'г'], 2)).rejects.toThrow('person_above')
    expect(asked).toEqual([['в', 'ә'], ['а', 'б'], ['г']])
    expect(model.slips.get().map(({ name }) => name)).toEqual(['а', 'ә', 'б', 'в'])
    model.forgetSlips()
    expect(model.slips.get()).toEqual([])
  })
})

it('puts the nearest levels last: a school first', () => {
  expect(levelsBelow('city')).toEqual(['organisation', 'district'])
  expect(levelsBelow('organisation')).toEqual([])
})
