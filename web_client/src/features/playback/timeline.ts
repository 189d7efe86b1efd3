import { MAIN, type Moment, type Piece } from './shapes'

export interface Span {
  from: number
  to: number
}

const LEAST_GAP = 1

/** What of a place plays at a second. */
export function playing(pieces: readonly Piece[], place: string, at: number): Piece[] {
  return pieces.filter((one) => one.place === place && one.starts_s <= at && at < one.ends_s)
}

/** Where nothing of a place was recorded, in order. */
export function gapsOf(pieces: readonly Piece[], place: string, seconds: number): Span[] {
  const spans = pieces
    .filter((one) => one.place === place)
    .flatMap(spansOf)
    .sort((a, b) => a.from - b.from)
  const gaps: Span[] = []
  let heard = 0
  for (const { from, to } of [...spans, { from: seconds, to: seconds }]) {
    if (from - heard >= LEAST_GAP) gaps.push({ from: heard, to: from })
    heard = Math.max(heard, to)
  }
  return gaps
}

/** What there is of a piece: all but its own gaps. */
function spansOf({ starts_s, ends_s, gaps = [] }: Piece): Span[] {
  const spans: Span[] = []
  let from = starts_s
  for (const gap of [...gaps].sort((a, b) => a.starts_s - b.starts_s)) {
    if (gap.starts_s > from) spans.push({ from, to: gap.starts_s })
    from = Math.max(from, gap.ends_s)
  }
  if (ends_s > from) spans.push({ from, to: ends_s })
  return spans
}

/** The gap a second lies in. */
export function gapAt(gaps: readonly Span[], at: number): Span | undefined {
  return gaps.find(({ from, to }) => from <= at && at < to)
}

export interface Place {
  id: string
  /** Empty for the lesson itself. */
  name: string
}

/** The lesson and the breakouts that were recorded, in the order in which they began. */
export function placesOf(pieces: readonly Piece[], moments: readonly Moment[]): Place[] {
  const names = new Map<string, string>()
  for (const { kind, body } of moments) {
    if (kind !== 'breakout') continue
    for (const item of Array.isArray(body.items) ? (body.items as Place[]) : [body as unknown as Place]) {
      if (item.id) names.set(item.id, item.name ?? '')
    }
  }
  const order = [...pieces].sort((a, b) => a.starts_s - b.starts_s).map(({ place }) => place)
  const ids = new Set([MAIN, ...order])
  return [...ids].map((id, at) => ({ id, name: id === MAIN ? '' : names.get(id) || String(at) }))
}
