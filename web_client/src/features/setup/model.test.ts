import { expect, it } from 'vitest'
import type { NewOrganisation } from '../../api/types'
import { Refusal } from '../../base/errors'
import type { Entrance } from '../entrance/model'
import { type Field, invitationOf, SetUpModel } from './model'

const FILLED: Record<Field, string> = {
  kk: '№ 12 мектеп-лицей',
  ru: 'Школа-лицей № 12',
  en: '',
  family: 'Әбенова',
  given: 'Гүлнар',
  login: ' director ',
  password: 'a long secret ',
}

function setUp(answer: (body: NewOrganisation) => Promise<void>) {
  return new SetUpModel({ setUp: answer } as unknown as Entrance, 'code-1')
}

it('checks a field when it is left and forgives it when it is filled', () => {
  const model = setUp(async () => undefined)
  model.leave('en')
  model.leave('family')
  expect(model.state.get().missing).toEqual(['family'])
  model.type('family', 'Ә')
  expect(model.state.get().missing).toEqual([])
})

it('sends nothing while something required is empty', async () => {
  const model = setUp(() => Promise.reject(new Error('must not be asked')))
  expect(await model.send()).toBe(false)
  expect(model.state.get().missing).toHaveLength(6)
})

it('sends trimmed names, the password as typed, and English as Kazakh when absent', async () => {
  let sent: NewOrganisation | undefined
  const model = setUp(async (body) => {
    sent = body
  })
  model.choose('college')
  for (const [field, text] of Object.entries(FILLED)) model.type(field as Field, text)
  expect(await model.send()).toBe(true)
  expect(sent).toEqual({
    invitation: 'code-1',
    kind: 'college',
    names: { kk: FILLED.kk, ru: FILLED.ru, en: FILLED.kk },
    admin: { family: 'Әбенова', given: 'Гүлнар', login: 'director', password: 'a long secret ' },
  })
})

it('keeps the form after a refusal', async () => {
  const model = setUp(() => Promise.reject(new Refusal('invitation_invalid', 403)))
  for (const [field, text] of Object.entries(FILLED)) model.type(field as Field, text)
  expect(await model.send()).toBe(false)
  expect(model.state.get()).toMatchObject({ busy: false, form: { family: 'Әбенова' } })
})

it('reads the invitation from the address', () => {
  expect(invitationOf('#abc-123')).toBe('abc-123')
  expect(invitationOf('#code=abc-123')).toBe('abc-123')
  expect(invitationOf('')).toBe('')
})
