import katex from 'katex'
import { describe, expect, it } from 'vitest'
import { texOf } from './tex'

describe('a plain formula as TeX', () => {
  it.each([
    ['2*x^2', '2\\cdot {x}^{2}'],
    ['2x', '2x'],
    ['(a+b)/c', '\\frac{a+b}{c}'],
    ['(a+b)*(c)', '\\left(a+b\\right)\\cdot \\left(c\\right)'],
    ['(a)+(b)', '\\left(a\\right)+\\left(b\\right)'],
    ['1/(2/3)', '\\frac{1}{\\frac{2}{3}}'],
    ['sqrt(x+1)', '\\sqrt{x+1}'],
    ['x^-1', '{x}^{-1}'],
    ['x^(n+1)', '{x}^{n+1}'],
    ['2,5x', '2{,}5x'],
    ['-x', '-x'],
    ['sin(x)^2', '\\sin {\\left(x\\right)}^{2}'],
    ['pi*r^2', '\\pi \\cdot {r}^{2}'],
    ['$x$', 'x'],
    ['\\frac{1}{2}', '\\frac{1}{2}'],
  ])('%s', (text, tex) => {
    expect(texOf(text)).toBe(tex)
  })

  it.each(['', ' ', '2+', '(x', 'x)', '^2', '2**3', '#', '///', '('.repeat(60)])('%j is none yet', (text) => {
    expect(texOf(text)).toBe(null)
  })

  it('is something KaTeX reads, however letters are thrown together', () => {
    const pieces = ['x', '2', '+', '-', '*', '/', '^', '(', ')', 'sqrt', 'sin', 'π', '1,5', '=', ' ', 'ab']
    let seed = 7
    const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648)
    let read = 0
    for (let nth = 0; nth < 3000; nth++) {
      const text = Array.from({ length: 1 + (next() % 7) }, () => pieces[(next() >> 8) % pieces.length]).join('')
      const tex = texOf(text)
      if (tex === null) continue
      read++
      expect(() => katex.renderToString(tex, { throwOnError: true }), `${text} → ${tex}`).not.toThrow()
    }
    expect(read).toBeGreaterThan(200)
  })
})
