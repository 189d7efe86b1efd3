/** Plain formulas as KaTeX source, for looking at while one types: `2*x^2/(a+1)` is shown as a fraction. */

const WORDS: Record<string, string> = {
  pi: '\\pi',
  ...Object.fromEntries(['sin', 'cos', 'tan', 'cot', 'ln', 'log', 'exp'].map((one) => [one, `\\${one}`])),
  ...{ tg: '\\operatorname{tg}', ctg: '\\operatorname{ctg}', arcsin: '\\arcsin', arccos: '\\arccos', arctan: '\\arctan' },
}
const TOKEN = /\s*(\d+(?:[.,]\d+)?|[A-Za-z]+|[α-ωΑ-Ω]|[-+*/^()=·×:,−π√])/y
const DEEPEST = 40
const MOST = 300

/** Null where it cannot be read (yet): what is typed is no formula so far. TeX stays as it is. */
export function texOf(text: string): string | null {
  const source = text.trim().replace(/^\$+|\$+$/g, '')
  if (source === '') return null
  if (source.includes('\\')) return source
  const tokens = tokensOf(source)
  return tokens && new Reader(tokens).whole()
}

function tokensOf(source: string): string[] | null {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const found = TOKEN.exec(source)
    if (!found || tokens.length >= MOST) return null
    tokens.push(found[1]!)
  }
  return tokens
}

class Reader {
  private at = 0
  private depth = 0

  constructor(private readonly tokens: readonly string[]) {}

  whole(): string | null {
    const read = this.sides()
    return this.at === this.tokens.length ? read : null
  }

  private sides(): string | null {
    return this.row(() => this.sum(), { '=': '=' })
  }

  private sum(): string | null {
    return this.row(() => this.product(), { '+': '+', '-': '-', '−': '-' })
  }

  private row(part: () => string | null, signs: Record<string, string>): string | null {
    let made = part()
    while (made !== null && this.next in signs) {
      const sign = signs[this.take()]
      const right: string | null = part()
      made = right === null ? null : `${made}${sign}${right}`
    }
    return made
  }

  private product(): string | null {
    let made = this.signed()
    while (made !== null) {
      const sign = this.next
      if (sign === '/' || sign === ':') {
        this.take()
        const under = this.signed()
        made = under === null ? null : `\\frac{${bare(made)}}{${bare(under)}}`
      } else if (['*', '·', '×'].includes(sign)) {
        this.take()
        const right = this.signed()
        made = right === null ? null : `${made}\\cdot ${right}`
      } else if (/^[\w(α-ωΑ-Ωπ√]/.test(sign)) {
        const right = this.power()
        made = right === null ? null : `${made}${right}`
      } else return made
    }
    return made
  }

  private signed(): string | null {
    if (!['-', '−', '+'].includes(this.next)) return this.power()
    const sign = this.take() === '+' ? '+' : '-'
    const held = this.power()
    return held === null ? null : `${sign}${held}`
  }

  private power(): string | null {
    const base = this.atom()
    if (base === null || this.next !== '^') return base
    this.take()
    if (++this.depth > DEEPEST) return null
    const up = this.signed()
    this.depth--
    return up === null ? null : `{${base}}^{${bare(up)}}`
  }

  private atom(): string | null {
    const token = this.take()
    if (token === '(') return this.bracketed()
    if (token === '√' || token === 'sqrt') {
      const held = this.power()
      return held === null ? null : `\\sqrt{${bare(held)}}`
    }
    if (token === 'π') return '\\pi '
    if (/^\d/.test(token)) return token.replace(',', '{,}')
    if (/^[α-ωΑ-Ω]$/.test(token)) return token
    if (!/^[A-Za-z]+$/.test(token)) return null
    return token in WORDS ? `${WORDS[token]} ` : token.length === 1 ? token : `\\mathit{${token}}`
  }

  private bracketed(): string | null {
    if (++this.depth > DEEPEST) return null
    const held = this.sides()
    this.depth--
    return held !== null && this.take() === ')' ? `\\left(${held}\\right)` : null
  }

  private get next(): string {
    return this.tokens[this.at] ?? ''
  }

  private take(): string {
    return this.tokens[this.at++] ?? ''
  }
}

/** Without brackets around all of it: a fraction and a root hold it together. */
function bare(tex: string): string {
  if (!tex.startsWith('\\left(') || !tex.endsWith('\\right)')) return tex
  let depth = 0
  for (const { 0: part, index } of tex.matchAll(/\\left\(|\\right\)/g)) {
    depth += part === '\\left(' ? 1 : -1
    if (depth === 0) return index + part.length === tex.length ? tex.slice(6, -7) : tex
  }
  return tex
}
