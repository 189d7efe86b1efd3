import type { Story } from './story'

export interface Found {
  at: number
  kind: 'message' | 'caption'
  name: string
  text: string
}

const MOST = 200

/** Messages and captions that hold all these words, in the order of the lesson. Letter case does not
 *  matter, and ё is е; an empty question finds nothing. */
export function search(story: Story, typed: string): Found[] {
  const words = plain(typed).split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const all: Found[] = [
    ...story.messages.map(({ at, name, text }) => ({ at, kind: 'message' as const, name, text })),
    ...story.captions.map(({ at, name, text }) => ({ at, kind: 'caption' as const, name, text })),
  ]
  const fits = ({ name, text }: Found) => {
    const held = plain(`${name} ${text}`)
    return words.every((word) => held.includes(word))
  }
  return all
    .filter(fits)
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST)
}

function plain(text: string): string {
  return text.toLocaleLowerCase('kk').replaceAll('ё', 'е')
}
