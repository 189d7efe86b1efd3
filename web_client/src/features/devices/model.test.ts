import { expect, it } from 'vitest'
import type { SetupState } from '../../api/types'
import { ManualClock } from '../../base/clock'
import { unreachable } from '../../base/errors'
import { Scope } from '../../base/scope'
import { checkLine } from './model'

it('measures the way to the server again and again', async () => {
  const clock = new ManualClock(0)
  const scope = new Scope()
  const delays: (number | null)[] = [40, 900, null]
  const api = {
    setup: async () => {
      const delay = delays.shift()
      await Promise.resolve()
      if (delay == null) throw unreachable()
      clock.advance(delay)
      return {} as SetupState
    },
  }
  const line = checkLine(scope, clock, api)
  const next = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve()
    return line.get()
  }
  expect(line.get()).toBeNull()
  expect(await next()).toEqual({ state: 'good', delay: 40 })
  clock.advance(4_960)
  expect(await next()).toEqual({ state: 'slow', delay: 900 })
  clock.advance(4_100)
  expect(await next()).toEqual({ state: 'none', delay: 0 })
  scope.end()
})
