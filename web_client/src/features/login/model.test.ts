import { describe, expect, it } from 'vitest'
import { Refusal } from '../../base/errors'
import type { Entrance } from '../entrance/model'
import { safeNext } from '../entrance/model'
import { codeOf, LogInModel, wrongAlphabet } from './model'

function form(answer: () => Promise<void>) {
  const asked: [string, string][] = []
  const logIn = async (login: string, password: string) => {
    asked.push([login, password])
    await answer()
  }
  return { model: new LogInModel({ logIn } as unknown as Entrance), asked }
}

describe('LogInModel', () => {
  it('names the empty fields and asks nothing', async () => {
    const { model, asked } = form(async () => undefined)
    model.type('login', ' ')
    await model.send()
    expect(model.form.get().missing).toEqual(['login', 'password'])
    expect(asked).toEqual([])
    model.type('password', 'x')
    expect(model.form.get().missing).toEqual(['login'])
  })

  it('keeps what was typed after a refusal and hints at the alphabet', async () => {
    const { model } = form(() => Promise.reject(new Refusal('wrong_credentials', 401)))
    model.type('login', 'teacher')
    model.type('password', 'демо')
    await model.send()
    const after = model.form.get()
    expect([after.login, after.password, after.busy]).toEqual(['teacher', 'демо', false])
    expect(wrongAlphabet(after)).toBe(true)
    model.type('password', 'demo')
    expect(wrongAlphabet(model.form.get())).toBe(false)
  })

  it('sends once however often the button is pressed', async () => {
    const { model, asked } = form(async () => undefined)
    model.type('login', 'teacher')
    model.type('password', 'demo')
    await Promise.all([model.send(), model.send()])
    expect(asked).toEqual([['teacher', 'demo']])
  })
})

describe('the second step', () => {
  const needed = new Refusal('second_factor_needed', 401, { ticket: 't', ways: ['totp'] })

  it('begins where the password was right, and forgets the password', async () => {
    const { model } = form(() => Promise.reject(needed))
    model.type('login', 'teacher')
    model.type('password', 'demo')
    await model.send()
    expect(model.form.get()).toMatchObject({ ticket: 't', password: '', error: null, busy: false })
  })

  it('leads back with what led back', async () => {
    const { model } = form(() => Promise.reject(needed))
    model.type('login', 'teacher')
    model.type('password', 'demo')
    await model.send()
    const over = new Refusal('ticket_invalid', 403)
    model.again(over)
    expect(model.form.get()).toMatchObject({ ticket: null, login: 'teacher', error: over })
  })
})

describe('codeOf', () => {
  it.each([
    ['', '', ''],
    ['#aibek:k3vq-9xpa-72mc', 'aibek', 'k3vq-9xpa-72mc'],
    ['#%D0%B0%D1%81:k3vq', 'ас', 'k3vq'],
    ['#%D0:k3vq', '%D0', 'k3vq'],
    ['#nothing', '', ''],
  ])('%s', (hash, login, code) => {
    expect(codeOf(hash)).toEqual({ login, code })
  })
})

describe('safeNext', () => {
  it.each([
    ['', '/'],
    ['next=%2Flessons%2Flesson_1', '/lessons/lesson_1'],
    ['next=https%3A%2F%2Felsewhere', '/'],
    ['next=%2F%2Felsewhere', '/'],
    ['next=%2F%5Celsewhere', '/'],
  ])('%s leads to %s', (search, wanted) => {
    expect(safeNext(search)).toBe(wanted)
  })
})
