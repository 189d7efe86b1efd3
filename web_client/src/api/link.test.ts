import { describe, expect, it } from 'vitest'
import { ManualClock } from '../base/clock'
import { Scope } from '../base/scope'
import { FakeSocket } from '../testing/fakeSocket'
import { Link } from './link'

describe('Link', () => {
  it('gives answers, refusals, and "unreachable" while cut', async () => {
    const socket = new FakeSocket()
    const link = new Link(socket)
    await expect(link.command('leave', {})).rejects.toMatchObject({ code: 'unreachable' })
    socket.open()
    socket.answer('leave', () => ({ ok: { done: true } }))
    expect(await link.command('leave', {})).toEqual({ done: true })
    socket.answer('leave', () => ({
      problem: { code: 'not_entered', status: 409, params: { a: 1 } },
    }))
    await expect(link.command('leave', {})).rejects.toMatchObject({
      code: 'not_entered',
      status: 409,
      params: { a: 1 },
    })
  })

  it('tells a break from a first connection', () => {
    const socket = new FakeSocket()
    const link = new Link(socket)
    expect(link.state.get()).toBe('connecting')
    socket.open()
    expect(link.state.get()).toBe('whole')
    socket.close()
    expect(link.state.get()).toBe('cut')
  })

  it('stays open while anybody uses it, and from page to page', () => {
    const socket = new FakeSocket()
    const clock = new ManualClock(0)
    const link = new Link(socket, clock)
    const [first, second] = [new Scope(), new Scope()]
    link.use(first)
    link.use(second)
    socket.open()
    first.end()
    second.end()
    clock.advance(4_000)
    const third = new Scope()
    link.use(third)
    clock.advance(9_000)
    expect(socket.connected).toBe(true)
    third.end()
    clock.advance(5_000)
    expect(socket.connected).toBe(false)
    expect(link.state.get()).toBe('connecting')
  })

  it('says when the server sent it away, and not when the line broke', () => {
    const socket = new FakeSocket()
    const link = new Link(socket)
    let times = 0
    link.onDismissed(() => times++)
    link.use(new Scope())
    socket.open()
    socket.close()
    expect(times).toBe(0)
    socket.active = false
    socket.tell('connect_error')
    expect(times).toBe(1)
  })
})
