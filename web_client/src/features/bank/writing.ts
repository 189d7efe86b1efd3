/** A question's text as an author types it, and back.
 *
 * A line is a paragraph. `# ` and `## ` begin headings, `- ` and `1. ` lists (two spaces deeper is a list inside),
 * ``` stands around code, `|` around cells of a table (`|!` a heading). Inside a line: `[b] [i] [u] [sub] [sup] [code]`
 * with their `[/b]`; `$$…$$` a formula, `$$$…$$$` one in a line of its own (`\(…\)` and `\[…\]` are read too);
 * `![name]` a picture, sound or film; `[[id]]` a gap. A `\` before any of them takes their meaning; at the end of
 * a line it goes on in the next one.
 */
import {
  type Block,
  type Box,
  type Entry,
  isWritten,
  type Listing,
  type Mark,
  MARKS,
  type Media,
  type Rich,
  type Run,
} from './plain'

const TAGS: Record<Mark, string> = { bold: 'b', italic: 'i', under: 'u', sub: 'sub', sup: 'sup', code: 'code' }
const MARK_OF = new Map(MARKS.map((mark) => [TAGS[mark], mark]))
const OUTER: readonly string[] = MARKS.map((mark) => TAGS[mark])
/** What begins with a sign of ours inside a line. */
const SIGN =
  /\\(?:\n|[\\[$!|#`-]|(?=\d+\. )|(?=$))|\[(\/?)(b|i|u|sub|sup|code)\]|\[\[([A-Za-z0-9_.-]{1,64})\]\]|!\[([^\]\n]+)\]|(\${2,3})([^$]+)\5(?!\$)|\\\(([^]+?)\\\)/g
const LIST = /^((?: {2})*)(- |\d+\. )(.*)$/s

const BLOCK = '$$$'

/** What a text is given beside its letters: the pictures, sounds and films that `![name]` may name. */
export type Held = readonly Media[]

/** Reads what was typed; `held` are the media that `![name]` may name. */
export function read(text: string, held: Held = []): Rich {
  const lines = logical(text.replace(/\r\n?/g, '\n').replace(/\\\[([^]+?)\\\]/g, (_, source: string) => BLOCK + source.trim() + BLOCK))
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!
    if (line === '```') {
      const end = lines.indexOf('```', at + 1)
      if (end > at) {
        const code = lines.slice(at + 1, end).join('\n')
        if (code) blocks.push({ kind: 'paragraph', runs: [{ kind: 'text', text: code }], code: true })
        at = end + 1
        continue
      }
    }
    if (isRow(line)) {
      const rows = taking(lines, at, isRow)
      blocks.push({ kind: 'table', rows: rows.map((row) => cells(row, held)) })
      at += rows.length
    } else if (begins(line)) {
      const entries = taking(lines, at, (one) => LIST.test(one))
      const [list, used] = listing(entries, 0, held)
      blocks.push(list)
      at += used
    } else {
      const paragraph = heading(line, held)
      if (paragraph) blocks.push(paragraph)
      at += 1
    }
  }
  return blocks.length ? { blocks } : {}
}

/** As an author would have typed it. */
export function written(rich: Rich | null | undefined): string {
  return (rich?.blocks ?? []).map(blockText).join('\n')
}

/** Whether typing can say all that this text holds. */
export function isTypable(rich: Rich | null | undefined): boolean {
  if (!isWritten(rich)) return true
  return same(read(written(rich), mediaOf(rich)), rich)
}

/** All media of a text, each once, named so that no two share a name. */
export function mediaOf(rich: Rich | null | undefined): Media[] {
  const found = new Map<string, Media>()
  for (const run of runsOf(rich)) if (run.kind === 'media') found.set(run.name, run)
  return [...found.values()]
}

export function runsOf(rich: Rich | null | undefined): Run[] {
  return (rich?.blocks ?? []).flatMap(runsOfBlock)
}

/** Only its letters, in one line. */
export function lettersOf(rich: Rich | null | undefined): string {
  const said = (run: Run) =>
    run.kind === 'text' ? run.text : run.kind === 'formula' ? run.source : run.kind === 'media' ? run.alt || run.name : '___'
  return (rich?.blocks ?? [])
    .map((block) => runsOfBlock(block).map(said).join(block.kind === 'paragraph' ? '' : ' '))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A name for new media that none of these has, fit to stand in `![name]`. */
export function freeName(name: string, held: Held): string {
  const clean = name.replace(/[[\]\n\\]/g, ' ').trim() || 'file'
  const taken = new Set(held.map((one) => one.name))
  const dot = clean.lastIndexOf('.')
  const [stem, ending] = dot > 0 ? [clean.slice(0, dot), clean.slice(dot)] : [clean, '']
  for (let n = 1; ; n++) {
    const made = n === 1 ? clean : `${stem}-${n}${ending}`
    if (!taken.has(made)) return made
  }
}

function runsOfBlock(block: Block): Run[] {
  switch (block.kind) {
    case 'paragraph':
      return block.runs ?? []
    case 'list':
      return (block.entries ?? []).flatMap((one) => [...(one.runs ?? []), ...(one.inner ?? []).flatMap(runsOfBlock)])
    case 'table':
      return (block.rows ?? []).flat().flatMap((box) => box.runs ?? [])
  }
}

/** Lines, where one that ends with a single `\` goes on in the next. */
function logical(text: string): string[] {
  const made: string[] = []
  let open = false
  for (const line of text.split('\n')) {
    if (open) made[made.length - 1] += `\n${line}`
    else made.push(line)
    open = /(?:^|[^\\])(?:\\\\)*\\$/.test(line)
  }
  return made
}

function taking(lines: readonly string[], from: number, fits: (line: string) => boolean): string[] {
  let to = from
  while (to < lines.length && fits(lines[to]!)) to++
  return lines.slice(from, to)
}

const isRow = (line: string) => /^\|.*[^\\]\|$/s.test(line) || line === '||'
/** A list begins with a dash, or with the number one. */
const begins = (line: string) => /^(?:- |1\. )/.test(line)

function cells(line: string, held: Held): Box[] {
  const parts = line.slice(1, -1).split(/(?<!\\)\|/)
  return parts.map((part) => {
    const head = part.startsWith('!') && !part.startsWith('![')
    return box(inline((head ? part.slice(1) : part).trim(), held), head)
  })
}

function box(runs: Run[], head: boolean): Box {
  return { ...(runs.length && { runs }), ...(head && { head }) }
}

function listing(lines: readonly string[], depth: number, held: Held): [Listing, number] {
  const first = LIST.exec(lines[0]!)!
  const ordered = first[2] !== '- '
  const entries: Entry[] = []
  let at = 0
  while (at < lines.length) {
    const [, indent = '', sign, text = ''] = LIST.exec(lines[at]!)!
    const deep = indent.length / 2
    if (deep < depth) break
    if (deep > depth) {
      const last = entries.at(-1)!
      const [inner, used] = listing(lines.slice(at), depth + 1, held)
      last.inner = [...(last.inner ?? []), inner]
      at += used
      continue
    }
    const expected = ordered ? `${entries.length + 1}. ` : '- '
    if (sign !== expected) break
    const runs = inline(text, held)
    entries.push(runs.length ? { runs } : {})
    at += 1
  }
  const list: Listing = { kind: 'list', entries, ...(ordered && { ordered }) }
  return [list, at]
}

function heading(line: string, held: Held): Block | null {
  const [, signs = ''] = /^(##?) /.exec(line) ?? []
  const runs = inline(signs ? line.slice(signs.length + 1) : line, held)
  if (!runs.length) return null
  const level = signs.length as 0 | 1 | 2
  return { kind: 'paragraph', runs, ...(level && { level }) }
}

function inline(text: string, held: Held): Run[] {
  const runs: Run[] = []
  const marks = new Set<Mark>()
  let at = 0
  const say = (part: string) => {
    if (!part) return
    const now = MARKS.filter((mark) => marks.has(mark))
    const last = runs.at(-1)
    if (last?.kind === 'text' && (last.marks ?? []).join() === now.join()) last.text += part
    else runs.push({ kind: 'text', text: part, ...(now.length && { marks: now }) })
  }
  for (const found of text.matchAll(SIGN)) {
    const [whole, closing, tag, gap, name, dollars, source, tex] = found
    say(text.slice(at, found.index))
    at = found.index + whole.length
    const media = name && held.find((one) => one.name === name)
    const mark = tag && MARK_OF.get(tag)
    if (mark && (closing ? marks.has(mark) : text.includes(`[/${tag}]`, at))) {
      if (closing) marks.delete(mark)
      else marks.add(mark)
    } else if (gap) runs.push({ kind: 'blank', id: gap })
    else if (media) runs.push({ ...media })
    else if (source?.trim()) {
      runs.push({ kind: 'formula', source: source.trim(), ...(dollars!.length === 3 && { block: true }) })
    } else if (tex?.trim()) runs.push({ kind: 'formula', source: tex.trim() })
    else say(whole.startsWith('\\') ? whole.slice(1) : whole)
  }
  say(text.slice(at))
  return runs
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph': {
      if (block.code) return `\`\`\`\n${(block.runs ?? []).map((one) => (one.kind === 'text' ? one.text : '')).join('')}\n\`\`\``
      const text = runsText(block.runs)
      return block.level ? `${'#'.repeat(block.level)} ${text}` : guarded(text)
    }
    case 'list':
      return listText(block, 0)
    case 'table':
      return (block.rows ?? [])
        .map((row) => `|${row.map((one) => ` ${runsText(one.runs)} `.replace(/^/, one.head ? '!' : '')).join('|')}|`)
        .join('\n')
  }
}

/** A paragraph that begins as something else would. */
function guarded(text: string): string {
  if (/^(?:- |##? )/.test(text) || text === '```' || isRow(text)) return `\\${text}`
  return /^1\. /.test(text) ? `\\${text}` : text
}

function listText(list: Listing, depth: number): string {
  return (list.entries ?? [])
    .map((entry, n) => {
      const sign = list.ordered ? `${n + 1}. ` : '- '
      const inner = (entry.inner ?? []).map((one) => listText(one, depth + 1))
      return ['  '.repeat(depth) + sign + runsText(entry.runs), ...inner].join('\n')
    })
    .join('\n')
}

function runsText(runs: readonly Run[] | undefined): string {
  let made = ''
  let open: readonly string[] = []
  for (const run of runs ?? []) {
    const wanted = run.kind === 'text' ? OUTER.filter((tag) => run.marks?.includes(MARK_OF.get(tag)!)) : []
    const kept = open.filter((_, n) => open.slice(0, n + 1).every((one) => wanted.includes(one)))
    made += open.slice(kept.length).reverse().map((tag) => `[/${tag}]`).join('')
    made += wanted.filter((tag) => !kept.includes(tag)).map((tag) => `[${tag}]`).join('')
    open = [...kept, ...wanted.filter((tag) => !kept.includes(tag))]
    made += runText(run, made.endsWith('$'))
  }
  return made + [...open].reverse().map((tag) => `[/${tag}]`).join('')
}

/** `behind`: a dollar stands before it, and would be taken for one of its own. */
function runText(run: Run, behind: boolean): string {
  switch (run.kind) {
    case 'text':
      return escaped(run.text)
    case 'formula': {
      if (behind && !run.block) return `\\(${run.source}\\)`
      const signs = run.block ? BLOCK : '$$'
      return signs + run.source + signs
    }
    case 'media':
      return `![${run.name}]`
    case 'blank':
      return `[[${run.id}]]`
  }
}

function escaped(text: string): string {
  return text
    .replace(/\\(?=[\\[$!|#`(\n-]|\d+\. |$)/g, '\\\\')
    .replace(/\[(?=\/?(?:b|i|u|sub|sup|code)\]|\[)/g, '\\[')
    .replace(/!(?=\[|$)/g, '\\!')
    .replace(/\$(?=\$)|\$$/g, '\\$')
    .replace(/\|/g, '\\|')
    .replace(/\n/g, '\\\n')
}

/** Equal when nothing that is as by default is counted. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(bare(a)) === JSON.stringify(bare(b))
}

const DEFAULTS: Record<string, unknown> = { level: 0, code: false, block: false, ordered: false, head: false, columns: 1, alt: '', width: 0, height: 0 }

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .filter(([key, one]) => one !== undefined && one !== null && DEFAULTS[key] !== one && !(key === 'rows' && one === 1))
    .filter(([, one]) => !(Array.isArray(one) && one.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(kept.map(([key, one]) => [key, bare(one)]))
}
