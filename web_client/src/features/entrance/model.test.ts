import i18next from 'i18next'
import { beforeAll, expect, it } from 'vitest'
import type { Api } from '../../api/client'
import { Refusal, unreachable } from '../../base/errors'
import { Entrance } from './model'

beforeAll(async () => {
  await i18next.init({ lng: 'kk', resources: {} })
  localStorage.setItem('sabaq.language', 'kk')
})

const me = { id: 'person_1', language: 'kk' }

function entrance(held: (string | null)[], more: object = {}) {
  const api = {
    logIn: async () => ({ token: 't', me }),
    me: async () => me,
    locks: async () => ({ held_up: held.shift() ?? null }),
    ...more,
  }
  return new Entrance(api as unknown as Api)
}

it('learns at the door what must be done first, and asks again when it was done', async () => {
  const made = entrance(['password_change_needed', 'second_factor_setup_needed', null])
  await made.logIn('a', 'b')
  expect(made.presence.get()).toMatchObject({ phase: 'in', heldUp: 'password_change_needed' })
  await made.goOn()
  expect(made.presence.get()).toMatchObject({ heldUp: 'second_factor_setup_needed' })
  await made.goOn()
  expect(made.presence.get()).toMatchObject({ phase: 'in', heldUp: null })
})

it('learns it from any refusal too', async () => {
  const made = entrance([])
  made.refused(new Refusal('password_change_needed', 403))
  expect(made.presence.get()).toEqual({ phase: 'looking' })
  await made.look()
  made.refused(new Refusal('forbidden', 403))
  expect(made.presence.get()).toMatchObject({ heldUp: null })
  made.refused(new Refusal('second_factor_setup_needed', 403))
  expect(made.presence.get()).toMatchObject({ heldUp: 'second_factor_setup_needed' })
})

it('lets one in even when the locks cannot be read', async () => {
  const made = entrance([], { locks: () => Promise.reject(new Refusal('busy', 503)) })
  await made.logIn('a', 'b')
  expect(made.presence.get()).toMatchObject({ phase: 'in', heldUp: null })
})

it('goes in by a passkey with what the browser gave', async () => {
  const given: unknown[] = []
  const made = entrance([], {
    offerPasskeyLogIn: async () => ({ ticket: 't', options: { challenge: 'c' } }),
    logInWithPasskey: async (...all: unknown[]) => {
      given.push(all)
      return { token: 't', me }
    },
  })
  await made.logInWithPasskey(async (options) => ({ answers: options }))
  expect(given).toEqual([['t', { answers: { challenge: 'c' } }]])
  expect(made.presence.get().phase).toBe('in')
})

it('keeps who is in while the server cannot be asked, and lets nobody in by that', async () => {
  const me_ = [async () => me, () => Promise.reject(unreachable()), async () => me]
  const made = entrance([], { me: () => me_.shift()!() })
  expect(await made.look()).toBe(true)
  expect(await made.look()).toBe(false)
  expect(made.presence.get()).toMatchObject({ phase: 'in', me })
  expect(await made.look()).toBe(true)
  const stranger = entrance([], { me: () => Promise.reject(unreachable()) })
  await stranger.look()
  expect(stranger.presence.get().phase).toBe('failed')
})

it('puts out whose log-in ended, in a lesson too', async () => {
  const answers = [async () => me, () => Promise.reject(new Refusal('not_logged_in', 401))]
  const made = entrance([], { me: () => answers.shift()!(), setup: async () => ({}) })
  await made.look()
  made.stay()
  expect(await made.look()).toBe(true)
  expect(made.presence.get().phase).toBe('out')
})

it('counts the lessons that go on', () => {
  const made = entrance([])
  const leave = made.stay()
  expect(made.staying.get()).toBe(1)
  leave()
  expect(made.staying.get()).toBe(0)
})
