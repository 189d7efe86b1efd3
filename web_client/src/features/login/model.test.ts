import { describe, expect, it } from 'vitest'
import { Refusal } from '../../base/errors'
import type { Entrance } from '../entrance/model'
import { safeNext } from '../entrance/model'
import { LogInModel, wrongAlphabet } from './model'

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
