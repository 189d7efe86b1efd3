import { expect, it } from 'vitest'
import type { State } from './list'
import { actsOf } from './review'
import type { ItemView } from './shapes'

const names = (state: State, ...may: string[]) =>
  actsOf({ row: { state }, may: ['read', ...may] } as unknown as ItemView).map(({ name }) => name)

it('leads a question to review by who may write, and through it by another', () => {
  expect(names('draft', 'write')).toEqual(['submit', 'retire'])
  expect(names('review', 'write')).toEqual(['withdraw'])
  expect(names('review', 'write', 'review')).toEqual(['approve', 'return'])
  expect(names('approved', 'write', 'review')).toEqual(['return', 'retire'])
  expect(names('retired', 'write')).toEqual(['revive'])
  expect(names('review')).toEqual([])
})
