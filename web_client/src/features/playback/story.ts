import type { Moment } from './shapes'

export interface Said {
  at: number
  until: number
  name: string
  text: string
}

export interface Written {
  at: number
  id: string
  name: string
  text: string
}

export interface Shown {
  kind: string
  id: string
  page: number
}

/** Seconds somebody must speak to be put in front: a cough turns no heads. */
const TURN = 1.5
/** Seconds a caption stays that does not say for how long. */
const CAPTION_LASTS = 5

/** What happened in a recorded lesson, asked by the second. */
export class Story {
  readonly messages: readonly Written[]
  readonly captions: readonly Said[]
  private readonly turns: readonly { at_s: number; id: string }[]
  private readonly byKind = new Map<string, Moment[]>()
  private lastSaid: readonly Said[] = []
  private readonly names = new Map<string, string>()

  constructor(readonly moments: readonly Moment[]) {
    const inOrder = [...moments].sort((a, b) => a.at_s - b.at_s)
    for (const moment of inOrder) {
      const { participant_id, name } = moment.body
      if (typeof participant_id === 'string' && typeof name === 'string') {
        this.names.set(participant_id, name)
      }
      const kept = this.byKind.get(moment.kind)
      if (kept) kept.push(moment)
      else this.byKind.set(moment.kind, [moment])
    }
    this.messages = this.of('message').map((moment, at) => this.written(moment, at))
    this.turns = turnsOf(this.of('speaking'))
    this.captions = this.of('caption').map((moment) => this.said(moment))
  }

  of(kind: string): readonly Moment[] {
    return this.byKind.get(kind) ?? []
  }

  /** Who is called by an id of this lesson. */
  nameOf(participant: string): string {
    return this.names.get(participant) ?? ''
  }

  /** Who speaks, loudest first. */
  speakingAt(at: number): readonly string[] {
    return (this.last('speaking', at)?.body.participant_ids as string[] | undefined) ?? []
  }

  /** Who speaks at any time between two seconds: whoever does so first comes first. */
  speakingWithin(from: number, to: number): string[] {
    const heard = [...this.speakingAt(from)]
    const told = this.of('speaking')
    for (let i = after(told, from); i < told.length && told[i]!.at_s <= to; i++) {
      heard.push(...(told[i]!.body.participant_ids as string[]))
    }
    return [...new Set(heard)]
  }

  /** Who has the word: also while all are silent, until another speaks for a while. */
  inFrontAt(at: number): string {
    return this.turns[after(this.turns, at) - 1]?.id ?? ''
  }

  spotlightAt(at: number): string {
    const body = this.last('spotlight', at)?.body
    return typeof body?.participant_id === 'string' ? body.participant_id : ''
  }

  /** The presentation's page or board that was shown to all. */
  showingAt(at: number): Shown | null {
    const body = this.last('showing', at)?.body
    if (!body || typeof body.id !== 'string' || !body.id || typeof body.kind !== 'string') return null
    return { kind: body.kind, id: body.id, page: Number(body.page ?? 0) }
  }

  /** What was just being said; several people at once, each with a name. The same list while it is the same. */
  captionsAt(at: number): readonly Said[] {
    const now = this.captions.filter((one) => one.at <= at && at < one.until)
    const newest = [...new Map(now.map((one) => [one.name, one])).values()]
    const same = newest.length === this.lastSaid.length && newest.every((one, i) => one === this.lastSaid[i])
    if (!same) this.lastSaid = newest
    return this.lastSaid
  }

  /** How many messages had been written by a second. */
  writtenBy(at: number): number {
    return after(this.of('message'), at)
  }

  private last(kind: string, at: number): Moment | undefined {
    const told = this.of(kind)
    return told[after(told, at) - 1]
  }

  private written({ at_s, body }: Moment, at: number): Written {
    const id = typeof body.message_id === 'string' ? body.message_id : `message-${at}`
    return { at: at_s, id, name: this.who(body), text: textOf(body) }
  }

  private said({ at_s, body }: Moment): Said {
    const lasts = Number(body.lasts_s) || CAPTION_LASTS
    return { at: at_s, until: at_s + lasts, name: this.who(body), text: textOf(body) }
  }

  private who(body: Moment['body']): string {
    if (typeof body.name === 'string') return body.name
    const author = body.author as { name?: string } | undefined
    return author?.name ?? this.nameOf(String(body.participant_id ?? ''))
  }
}

function textOf(body: Moment['body']): string {
  return typeof body.text === 'string' ? body.text : ''
}

function turnsOf(told: readonly Moment[]): { at_s: number; id: string }[] {
  const turns: { at_s: number; id: string }[] = []
  told.forEach(({ at_s, body }, place) => {
    const id = (body.participant_ids as string[])[0]
    if (!id || id === turns.at(-1)?.id) return
    const next = told.slice(place + 1).find((one) => (one.body.participant_ids as string[])[0] !== id)
    if (turns.length === 0 || !next || next.at_s - at_s >= TURN) turns.push({ at_s, id })
  })
  return turns
}

/** How many of these, in order, happened at a second or before it. */
function after(told: readonly { at_s: number }[], at: number): number {
  let [low, high] = [0, told.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (told[middle]!.at_s <= at) low = middle + 1
    else high = middle
  }
  return low
}
