import { describe, expect, it } from 'vitest'
import { DeviceClock, ManualClock, every, ticking } from './clock'
import { compareNames, initialsOf, partsOf, stopwatch, timeOf } from './format'
import { Scope } from './scope'
import { Cell, derive, until } from './value'

describe('Scope', () => {
  it('ends what was made in it, newest first and once', () => {
    const ended: string[] = []
    const scope = new Scope()
    scope.onEnd(() => ended.push('first'))
    scope.child().onEnd(() => ended.push('inner'))
    scope.onEnd(() => ended.push('last'))
    scope.end()
    scope.end()
    expect(ended).toEqual(['last', 'inner', 'first'])
  })

  it('ends at once what is made after its end', () => {
    const scope = new Scope()
    scope.end()
    let ended = false
    scope.onEnd(() => {
      ended = true
    })
    expect(ended).toBe(true)
  })

  it('forgets a child that ended earlier', () => {
    const scope = new Scope()
    let times = 0
    const inner = scope.child()
    inner.onEnd(() => times++)
    inner.end()
    scope.end()
    expect(times).toBe(1)
  })
})

describe('DeviceClock', () => {
  const noon = Date.UTC(2026, 8, 1, 12)
  const answered = (moment: number) => new Date(moment).toUTCString()

  it('shows the time of the server where the device is an hour off', () => {
    const clock = new DeviceClock(() => noon + 3_600_000)
    clock.heard(answered(noon))
    expect(Math.abs(clock.now() - noon)).toBeLessThanOrEqual(500)
  })

  it('follows a device that is set right, and is not moved by a slow answer', () => {
    let device = noon - 3_600_000
    const clock = new DeviceClock(() => device)
    clock.heard(answered(noon))
    device = noon
    clock.heard(answered(noon - 3000))
    expect(clock.now()).toBe(noon)
  })

  it('goes on by the device where no time was said', () => {
    const clock = new DeviceClock(() => noon)
    clock.heard(null)
    clock.heard('soon')
    expect(clock.now()).toBe(noon)
  })
})

describe('Value', () => {
  it('tells watchers of a change and of nothing else', () => {
    const cell = new Cell(1)
    let seen = 0
    const stop = cell.watch(() => seen++)
    cell.set(1)
    cell.set(2)
    stop()
    cell.set(3)
    expect(seen).toBe(1)
  })

  it('derives while its scope lasts', () => {
    const scope = new Scope()
    const cell = new Cell(2)
    const double = derive(scope, [cell], () => cell.get() * 2)
    cell.set(5)
    expect(double.get()).toBe(10)
    scope.end()
    cell.set(6)
    expect(double.get()).toBe(10)
  })

  it('waits until something holds, or the scope ends', async () => {
    const scope = new Scope()
    const cell = new Cell(0)
    const reached = until(scope, cell, (n) => n > 1)
    const never = until(scope, cell, (n) => n > 9)
    cell.set(2)
    expect(await reached).toBe(2)
    scope.end()
    await expect(never).rejects.toThrow('scope ended')
  })
})

describe('Clock', () => {
  it('ticks on whole steps', () => {
    const clock = new ManualClock(90_500)
    const scope = new Scope()
    const now = ticking(scope, clock, 60_000)
    clock.advance(29_499)
    expect(now.get()).toBe(90_500)
    clock.advance(1)
    expect(now.get()).toBe(120_000)
    clock.advance(60_000)
    expect(now.get()).toBe(180_000)
    scope.end()
    clock.advance(60_000)
    expect(now.get()).toBe(180_000)
  })

  it('repeats until the scope ends', () => {
    const clock = new ManualClock(0)
    const scope = new Scope()
    let times = 0
    every(scope, clock, 1000, () => {
      if (++times === 3) scope.end()
    })
    clock.advance(10_000)
    expect(times).toBe(3)
  })
})

describe('format', () => {
  it('reads the wall clock of the zone, not of the browser', () => {
    expect(timeOf('2026-10-21T19:30:00Z', 'Asia/Almaty')).toBe('00:30')
    const parts = partsOf('2026-10-21T19:30:00Z', 'Asia/Almaty')
    expect([parts.day, parts.month, parts.weekday]).toEqual([22, 10, 3])
  })

  it('orders names by the Kazakh alphabet', () => {
    const names = ['Яков', 'Ұлан', 'Әлия', 'Борис', 'Іңкәр', 'Айгүл', 'Қанат', 'Клара', 'Anna']
    expect(names.sort(compareNames).join(' ')).toBe(
      'Anna Айгүл Әлия Борис Клара Қанат Ұлан Іңкәр Яков',
    )
  })

  it('writes lengths and initials', () => {
    expect(stopwatch(12_400)).toBe('0:12')
    expect(stopwatch(3_909_000)).toBe('1:05:09')
    expect(initialsOf('Айгүл Нұрланова Серікқызы')).toBe('АН')
  })
})
