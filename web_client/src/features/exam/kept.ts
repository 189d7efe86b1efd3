import type { Answer } from '../questions/shapes'

/** The newest answer to one question as it lies in this browser. */
export interface KeptAnswer {
  sitting: string
  place: number
  /** Counts every change of this answer, on whichever device. */
  revision: number
  answer: Answer | null
  /** To be looked at again before handing in. */
  marked: boolean
  /** The wall clock of this device when it was written, in milliseconds since 1970. */
  writtenAt: number
  /** In which order answers were written. */
  nth: number
  /** `refused`: the server has said that it is too late, or no answer to this question. */
  state: 'unsent' | 'sent' | 'refused'
  refusal: string
}

/** What the server holds of a question. */
export interface HeldAnswer {
  place: number
  revision: number
  answer: Answer | null
  marked: boolean
}

const NONE: ReadonlySet<number> = new Set()

/** Where answers outlive the page. What is put is in when the promise is. */
export interface AnswerStore {
  answers(sitting: string): Promise<KeptAnswer[]>
  keep(answer: KeptAnswer): Promise<void>
}

/** What to go on with: what was written here and has not reached the server; else what the server holds. `fresh` are
 *  places written on this very page: they are newer than what the server holds, whatever number that has. */
export function merged(
  sitting: string,
  kept: readonly KeptAnswer[],
  held: readonly HeldAnswer[],
  fresh: ReadonlySet<number> = NONE,
): KeptAnswer[] {
  const mine = new Map(kept.map((one) => [one.place, one]))
  const places = new Set([...mine.keys(), ...held.map(({ place }) => place)])
  return [...places].map((place) => {
    const theirs = held.find((one) => one.place === place)
    const own = mine.get(place)
    if (!theirs) return own!
    if (own && own.revision > theirs.revision) return own
    if (own?.state === 'unsent' && fresh.has(place)) return { ...own, revision: theirs.revision + 1 }
    const { answer, revision, marked } = theirs
    const { writtenAt = 0, nth = 0 } = own ?? {}
    return { sitting, place, revision, answer, marked, writtenAt, nth, state: 'sent', refusal: '' }
  })
}
