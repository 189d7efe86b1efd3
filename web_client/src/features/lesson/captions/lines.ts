/** What somebody says just now, in writing. */
export interface Line {
  participant_id: string
  name: string
  text: string
  final: boolean
  /** When it goes away: milliseconds since 1970. */
  until: number
}

/** How many may be read at once. */
const MOST = 3
const LEAST_LASTS = 4_000
const MOST_LASTS = 10_000
/** Milliseconds a letter takes to read. */
const LETTER = 70

/** Milliseconds a text stays. */
export function lasts(text: string): number {
  return Math.min(MOST_LASTS, LEAST_LASTS + text.length * LETTER)
}

/** With one more: one line a speaker, those who spoke last, in the order in which they began. */
export function withLine(lines: readonly Line[], line: Line): readonly Line[] {
  const place = lines.findIndex(({ participant_id }) => participant_id === line.participant_id)
  if (!line.text) return lines.filter((_, at) => at !== place)
  const next = place < 0 ? [...lines, line] : lines.map((old, at) => (at === place ? line : old))
  return next.slice(-MOST)
}

export function without(lines: readonly Line[], now: number): readonly Line[] {
  return lines.some(({ until }) => until <= now) ? lines.filter(({ until }) => until > now) : lines
}
