import { MAIN, type Piece } from './shapes'
import type { Story } from './story'

/** `title` is a person's; without one the kind says what began there. */
export interface Chapter {
  at: number
  kind: 'begin' | 'chapter' | 'screen' | 'slides' | 'board' | 'notes' | 'poll' | 'breakout'
  title: string
  name: string
  /** Of a presentation, from 1; 0 where there is none. */
  page: number
}

/** What begins within so many seconds of another is no chapter of its own. */
const LEAST = 15

/** Those a teacher marked, and where something new was shown, asked or begun. */
export function chaptersOf(pieces: readonly Piece[], story: Story): Chapter[] {
  const begin: Chapter = { at: 0, kind: 'begin', title: '', name: '', page: 0 }
  const marked = story.of('chapter').map(({ at_s, body }) => made(at_s, 'chapter', String(body.title ?? '')))
  const found = [...screens(pieces), ...showings(story), ...asked(story), ...breakouts(story)]
  const inOrder = [...marked, ...found].sort((a, b) => a.at - b.at)
  const kept: Chapter[] = [begin]
  for (const one of inOrder) {
    const before = kept.at(-1)!
    if (one.kind === 'chapter' || one.at - before.at >= LEAST) kept.push(one)
  }
  return kept.filter((one, at) => one.kind !== 'begin' || at + 1 === kept.length || kept[at + 1]!.at > 0)
}

/** The chapter a second belongs to. */
export function chapterAt(chapters: readonly Chapter[], at: number): number {
  return chapters.findLastIndex((one) => one.at <= at)
}

function made(at: number, kind: Chapter['kind'], title = '', name = '', page = 0): Chapter {
  return { at, kind, title, name, page }
}

function screens(pieces: readonly Piece[]): Chapter[] {
  return pieces
    .filter(({ source, kind, place }) => source === 'screen' && kind === 'video' && place === MAIN)
    .map(({ starts_s, name }) => made(starts_s, 'screen', '', name))
}

/** Another thing is shown, or another page of a presentation. */
function showings(story: Story): Chapter[] {
  const chapters: Chapter[] = []
  let before = ''
  for (const { at_s, body } of story.of('showing')) {
    const id = String(body.id ?? '')
    const kind = body.kind === 'board' || body.kind === 'notes' ? body.kind : 'slides'
    const page = kind === 'slides' ? Number(body.page ?? 0) + 1 : 0
    const now = `${id} ${page}`
    if (id && now !== before) chapters.push(made(at_s, kind, '', '', page))
    before = now
  }
  return chapters
}

function asked(story: Story): Chapter[] {
  const seen = new Set<string>()
  return story.of('poll').flatMap(({ at_s, body }) => {
    const id = String(body.poll_id ?? body.id ?? at_s)
    if (seen.has(id)) return []
    seen.add(id)
    return [made(at_s, 'poll', String(body.question ?? body.title ?? ''))]
  })
}

function breakouts(story: Story): Chapter[] {
  return story
    .of('breakout')
    .filter(({ body }) => !Array.isArray(body.items) || body.items.length > 0)
    .slice(0, 1)
    .map(({ at_s }) => made(at_s, 'breakout'))
}
