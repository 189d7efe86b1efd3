import { describe, expect, it } from 'vitest'
import type { Block, Media, Rich, Run } from './plain'
import { freeName, isTypable, lettersOf, mediaOf, read, same, written } from './writing'

const text = (said: string, ...marks: NonNullable<Extract<Run, { kind: 'text' }>['marks']>): Run => ({
  kind: 'text',
  text: said,
  ...(marks.length && { marks }),
})
const line = (...runs: Run[]): Block => ({ kind: 'paragraph', runs })
const picture: Media = { kind: 'media', sha256: 'a'.repeat(64), name: 'map.png', type: 'image/png', alt: 'A map' }

describe('what an author types', () => {
  it('is a paragraph a line, whatever it holds', () => {
    expect(read('Қазақстанның астанасы?\n\n5. 2*3 < 7, 100$ және a_b')).toEqual({
      blocks: [line(text('Қазақстанның астанасы?')), line(text('5. 2*3 < 7, 100$ және a_b'))],
    })
    expect(read('  \n')).toEqual({ blocks: [line(text('  '))] })
    expect(read('')).toEqual({})
  })

  it('has marks, formulas, media and gaps', () => {
    expect(read('[b]Now [i]here[/i][/b] $$x^2$$ and \\(y\\), see ![map.png] or [[g1]]', [picture])).toEqual({
      blocks: [
        line(
          ...[text('Now ', 'bold'), text('here', 'bold', 'italic'), text(' ')],
          ...([{ kind: 'formula', source: 'x^2' }, text(' and '), { kind: 'formula', source: 'y' }] as Run[]),
          ...([text(', see '), picture, text(' or '), { kind: 'blank', id: 'g1' }] as Run[]),
        ),
      ],
    })
    expect(read('\\[ \\frac12 \\]').blocks).toEqual([line({ kind: 'formula', source: '\\frac12', block: true })])
  })

  it('takes a sign that leads nowhere as a letter', () => {
    for (const said of ['[b]never closed', 'a [/i] b', '![gone.png]', 'a $$ b', '1 | 2', '[x]', 'a \\ b']) {
      expect(read(said)).toEqual({ blocks: [line(text(said))] })
    }
  })

  it('has lists, headings, code and tables', () => {
    const rich = read('# Title\n- a\n  1. b\n  2. c\n- d\n```\nx = 1\n  y\n```\n|! n | 1 |\n| m | $$2$$ |')
    expect(rich.blocks).toEqual([
      { kind: 'paragraph', runs: [text('Title')], level: 1 },
      {
        kind: 'list',
        entries: [
          {
            runs: [text('a')],
            inner: [{ kind: 'list', entries: [{ runs: [text('b')] }, { runs: [text('c')] }], ordered: true }],
          },
          { runs: [text('d')] },
        ],
      },
      { kind: 'paragraph', runs: [text('x = 1\n  y')], code: true },
      {
        kind: 'table',
        rows: [
          [{ runs: [text('n')], head: true }, { runs: [text('1')] }],
          [{ runs: [text('m')] }, { runs: [{ kind: 'formula', source: '2' }] }],
        ],
      },
    ])
  })
})

describe('what is kept', () => {
  const odd = ['- no list', '1. no list', '# no heading', '```', '| no | table |', '\\', 'a\\', '\\[b]', '[b]x[/b]', '[[g]]']
  const texts = [...odd, '![map.png]', '$$x$$', '$', 'a!', '\\(x\\)', 'a\nb', '\\\n', '!', '\\1. x', 'C:\\temp\\new', '2. b', ' a ']

  it.each(texts)('comes back letter by letter: %j', (said) => {
    for (const runs of [[text(said)], [text(said), { kind: 'formula', source: 'x' } as Run], [text('a', 'bold'), text(said, 'sub')]]) {
      const rich: Rich = { blocks: [line(...runs)] }
      expect(read(written(rich), [picture])).toEqual(rich)
    }
  })

  it('comes back whatever two pieces stand side by side', () => {
    const pieces: Run[] = [...texts.map((one) => text(one)), picture, { kind: 'blank', id: 'g1' }, { kind: 'formula', source: '\\frac{a}{b}' }, text('b', 'bold', 'code')]
    for (const a of pieces) {
      for (const b of pieces) {
        if (a.kind === 'text' && b.kind === 'text' && a.marks?.join() === b.marks?.join()) continue
        const rich: Rich = { blocks: [line(a, b)] }
        expect(same(read(written(rich), [picture]), rich), written(rich)).toBe(true)
      }
    }
  })

  it('says so where typing has no word for it', () => {
    const spanned: Rich = { blocks: [{ kind: 'table', rows: [[{ runs: [text('a')], columns: 2 }]] }] }
    expect(isTypable(spanned)).toBe(false)
    expect(isTypable({ blocks: [{ kind: 'table', rows: [[{ runs: [text('a')], columns: 1, rows: 1 }]] }] })).toBe(true)
    expect(isTypable({ blocks: [line({ kind: 'formula', source: 'a$$b' })] })).toBe(false)
    expect(isTypable(null)).toBe(true)
  })
})

it('names media, and a text in one line', () => {
  const rich: Rich = { blocks: [line(text('See '), picture), line({ kind: 'formula', source: 'x' })] }
  expect(mediaOf(rich)).toEqual([picture])
  expect(lettersOf(rich)).toBe('See A map x')
  expect(freeName('map.png', [picture])).toBe('map-2.png')
  expect(freeName('a[1].png', [])).toBe('a 1 .png')
})
