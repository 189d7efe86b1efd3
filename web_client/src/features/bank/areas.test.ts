import { expect, it } from 'vitest'
import { cornersOf, drawn, isFit, middle } from './areas'

const size = { width: 100, height: 50 }

it('draws an area from any corner to any other', () => {
  expect(drawn({ shape: 'rect', numbers: [] }, [30, 40], [10, 20]).numbers).toEqual(['10', '20', '30', '40'])
  expect(drawn({ shape: 'circle', numbers: [] }, [10, 10], [13, 14]).numbers).toEqual(['10', '10', '5'])
  expect(drawn({ shape: 'polygon', numbers: ['1', '2'] }, [3, 4], [3, 4]).numbers).toEqual(['1', '2', '3', '4'])
})

it('knows which areas lie within the picture', () => {
  expect(isFit(middle(size), size)).toBe(true)
  expect(isFit({ shape: 'rect', numbers: ['10', '10', '10', '20'] }, size)).toBe(false)
  expect(isFit({ shape: 'rect', numbers: ['0', '0', '101', '20'] }, size)).toBe(false)
  expect(isFit({ shape: 'circle', numbers: ['10', '10', '0'] }, size)).toBe(false)
  expect(isFit({ shape: 'circle', numbers: ['10', '10', '90'] }, size)).toBe(true)
  expect(isFit({ shape: 'polygon', numbers: ['0', '0', '9', '9'] }, size)).toBe(false)
  expect(isFit({ shape: 'polygon', numbers: ['0', '0', '100', '0', '0', '50'] }, size)).toBe(true)
  expect(isFit({ shape: 'polygon', numbers: ['0', '0', '100', '0', '0', '51'] }, size)).toBe(false)
  expect(isFit(undefined, size)).toBe(false)
})

it('finds the middle of an area by its corners', () => {
  expect(cornersOf(middle(size))).toEqual([[40, 20], [60, 30]])
  expect(cornersOf({ shape: 'circle', numbers: ['1', '2', '3'] })).toEqual([[1, 2]])
  expect(cornersOf({ shape: 'polygon', numbers: ['1', '2', '3'] })).toEqual([[1, 2]])
  expect(cornersOf({ shape: 'rect', numbers: [] })).toEqual([])
})
