import { expect, it } from 'vitest'
import { bytesOf } from './push'

it('reads a key as browsers want it', () => {
  const key = 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM'
  const bytes = bytesOf(key)
  expect(bytes.length).toBe(65)
  expect(bytes[0]).toBe(4) // an uncompressed point
})
