import { expect, it } from 'vitest'
import { gradeIn } from './model'

it('reads the grade that a name begins with', () => {
  expect(['7 «А»', ' 11-Б', '3', 'ИС-21', ''].map(gradeIn)).toEqual(['7', '11', '3', '', ''])
})
