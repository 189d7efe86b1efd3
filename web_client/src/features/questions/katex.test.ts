import { expect, it, vi } from 'vitest'
import { draw } from './katex'

vi.mock('katex/dist/katex.min.css', () => ({}))

it('gives what it draws no style as an attribute, which the page would refuse, and its sizes all the same', () => {
  const set = vi.spyOn(Element.prototype, 'setAttribute')
  const into = document.createElement('span')
  for (const source of ['\\vec{a}', '\\sqrt{x}', '\\overline{ab}', '\\text{\\unknown}', '\\frac{1}{2}']) {
    draw(source, into, false)
    expect(into.querySelector('.katex, .katex-error'), source).not.toBeNull()
  }
  expect(set.mock.calls.filter(([name]) => name === 'style')).toEqual([])
  draw('\\vec{a}', into, false)
  expect(into.querySelector<SVGElement>('svg')?.style.width).toMatch(/em$/)
  expect(into.querySelectorAll('[data-drawn]')).toHaveLength(0)
  set.mockRestore()
})

it('shows what is no formula as it was typed', () => {
  const into = document.createElement('span')
  draw('\\frac{1', into, true)
  expect(into.textContent).toContain('\\frac{1')
})
