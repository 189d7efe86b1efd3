import { describe, expect, it } from 'vitest'
import type { Api } from '../../api/client'
import type { Locks } from '../../api/types'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { browserOf, inFours, LocksModel, pictureOf } from './model'
import { PasskeyModel } from './passkeys'
import { TotpModel } from './totp'

const LOCKS: Locks = {
  login: 'aibek',
  held_up: null,
  second_factor: 'none',
  factors: [],
  codes_left: 0,
  logins: [],
  devices: [],
  mail: null,
}
const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function mine(refuse: { end?: Refusal; read?: Refusal } = {}) {
  const asked: string[] = []
  const calls = {
    locks: async () => {
      asked.push('read')
      if (refuse.read) throw refuse.read
      return LOCKS
    },
    myServices: async () => ({ items: [] }),
    waysToLogIn: async () => ({ password: true, oidc: [], passkeys: true, mail: false }),
    endLogin: async (id: string) => {
      asked.push(`end ${id}`)
      if (refuse.end) throw refuse.end
      return {}
    },
  }
  return { calls: calls as unknown as Api, asked }
}

describe('LocksModel', () => {
  it('reads everything anew after a change', async () => {
    const { calls, asked } = mine()
    const model = new LocksModel(new Scope(), calls)
    await settle()
    expect(model.state.get()).toMatchObject({ phase: 'ready', mine: { locks: LOCKS }, error: null })
    await model.endLogin('login_1')
    expect(asked).toEqual(['read', 'end login_1', 'read'])
  })

  it('keeps what is shown when a change is refused', async () => {
    const { calls } = mine({ end: new Refusal('not_found', 404) })
    const model = new LocksModel(new Scope(), calls)
    await settle()
    await model.endLogin('login_1')
    expect(model.state.get()).toMatchObject({ phase: 'ready', error: { code: 'not_found' } })
  })

  it('fails as a whole when there is nothing to show', async () => {
    const model = new LocksModel(new Scope(), mine({ read: new Refusal('busy', 503) }).calls)
    await settle()
    expect(model.state.get()).toMatchObject({ phase: 'failed', error: { code: 'busy' } })
  })

  it('says nothing after the page was left', async () => {
    const scope = new Scope()
    const model = new LocksModel(scope, mine().calls)
    scope.end()
    await settle()
    expect(model.state.get().phase).toBe('loading')
  })
})

describe('TotpModel', () => {
  const offer = { ticket: 't', secret: 'ABCD', uri: 'otpauth://', qr: '<svg/>' }
  const model = (confirm: (code: string) => Promise<{ codes: string[] }>) =>
    new TotpModel({
      offerTotp: async () => offer,
      setUpTotp: (_: string, code: string) => confirm(code),
    } as unknown as Api)

  it('leads from the password over the secret to the codes', async () => {
    const typed: string[] = []
    const made = model(async (code) => {
      typed.push(code)
      return { codes: ['a-b-c'] }
    })
    await made.confirm('111111')
    expect(typed).toEqual([])
    await made.begin('pw')
    expect(made.step.get()).toEqual({ step: 'scan', offer })
    await made.confirm(' 123 456 ')
    expect(typed).toEqual(['123456'])
    expect(made.step.get()).toEqual({ step: 'codes', codes: ['a-b-c'] })
  })

  it('lets one try again after a wrong code, and begin again when the step ran out', async () => {
    const answers = [new Refusal('wrong_code', 403), new Refusal('ticket_invalid', 403)]
    const made = model(() => Promise.reject(answers.shift()!))
    await made.begin('pw')
    await made.confirm('1')
    expect(made.step.get().step).toBe('scan')
    expect(made.doing.state.get().error).toMatchObject({ code: 'wrong_code' })
    await made.confirm('2')
    expect(made.step.get().step).toBe('password')
    expect(made.doing.state.get().error).toMatchObject({ code: 'ticket_invalid' })
  })
})

describe('PasskeyModel', () => {
  const model = (codes: string[], make = async () => ({ id: 'k' }) as Record<string, unknown>) => {
    const added: unknown[] = []
    const calls = {
      offerPasskey: async () => ({ ticket: 't', options: { challenge: 'c' } }),
      addPasskey: async (...all: unknown[]) => {
        added.push(all)
        return { codes }
      },
    }
    return { made: new PasskeyModel(calls as unknown as Api, make), added }
  }

  it('shows recovery codes with the first factor only', async () => {
    const first = model(['a'])
    await first.made.add('pw', ' Laptop ')
    expect(first.added).toEqual([['t', { id: 'k' }, 'Laptop']])
    expect(first.made.step.get()).toEqual({ step: 'codes', codes: ['a'] })
    const second = model([])
    await second.made.add('pw', '')
    expect(second.made.step.get()).toEqual({ step: 'done' })
  })

  it('stays where it is when the person says no', async () => {
    const { made, added } = model([], () => Promise.reject(new Refusal('passkey_stopped')))
    await made.add('pw', '')
    expect(added).toEqual([])
    expect(made.step.get().step).toBe('ask')
    expect(made.doing.state.get().error).toMatchObject({ code: 'passkey_stopped' })
  })
})

it.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Chrome · Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 YaBrowser/25.8 Safari/537.36',
    'Yandex · Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
    'Safari · iPhone',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox · Linux'],
  ['Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36 EdgA/142.0', 'Edge · Android'],
  ['curl/8.5.0', ''],
])('%s is %s', (agent, wanted) => {
  expect(browserOf(agent)).toBe(wanted)
})

it('shows a secret in fours and a drawing as a picture of its own', () => {
  expect(inFours('ABCDEFGHIJ')).toBe('ABCD EFGH IJ')
  const bare = decodeURIComponent(pictureOf('<svg width="4"></svg>'))
  expect(bare).toContain('<svg xmlns="http://www.w3.org/2000/svg" width="4">')
  expect(decodeURIComponent(pictureOf('<svg xmlns="x"/>')).match(/xmlns/g)).toHaveLength(1)
})
