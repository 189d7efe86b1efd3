import { UNSAVED } from '../../../base/unsaved'
import type { Draft } from '../draft'

/** What lies in this browser of a test that is not saved yet. */
export interface Left {
  /** Of the test that it was written on; 0 for one that was never saved. */
  version: number
  /** By this device's clock. */
  at: number
  draft: Draft
}

const KEY = `${UNSAVED}exam.`
/** Milliseconds: what nobody came back to is forgotten. */
export const KEPT_FOR = 14 * 24 * 3_600_000

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

/** Unsaved work on one test, of one person in one browser: it outlives the page. */
export class KeptDraft {
  private readonly key: string

  /** `exam`: null for one that was never saved. */
  constructor(
    private readonly store: Store,
    person: string,
    exam: string | null,
    private readonly now: () => number,
  ) {
    this.key = `${KEY}${person}.${exam ?? 'new'}`
    this.sweep()
  }

  keep(draft: Draft, version: number): void {
    try {
      this.store.setItem(this.key, JSON.stringify({ version, at: this.now(), draft }))
    } catch {
      // A browser that keeps nothing: what is written stays on the page.
    }
  }

  /** What was left here and differs from what is saved. */
  read(saved: Draft): Left | null {
    const left = this.parse(this.key)
    if (!left) return null
    const draft = { ...saved, ...left.draft }
    return changedIn(draft, saved).length > 0 ? { ...left, draft } : null
  }

  forget(): void {
    this.remove(this.key)
  }

  private sweep(): void {
    try {
      const keys = Array.from({ length: this.store.length }, (_, at) => this.store.key(at) ?? '')
      for (const key of keys.filter((one) => one.startsWith(KEY))) {
        if ((this.parse(key)?.at ?? 0) + KEPT_FOR < this.now()) this.remove(key)
      }
    } catch {
      // As above.
    }
  }

  private parse(key: string): Left | null {
    try {
      const left = JSON.parse(this.store.getItem(key) ?? 'null') as Left | null
      const whole = left && typeof left.version === 'number' && Array.isArray(left.draft?.sections)
      return whole && typeof left.at === 'number' ? left : null
    } catch {
      return null
    }
  }

  private remove(key: string): void {
    try {
      this.store.removeItem(key)
    } catch {
      // As above.
    }
  }
}

export type PartOfForm = 'title' | 'questions' | 'time' | 'who' | 'rules'

const PARTS: Readonly<Partial<Record<keyof Draft, PartOfForm>>> = {
  title: 'title',
  banks: 'questions',
  sections: 'questions',
  minutes: 'time',
  opens: 'time',
  closes: 'time',
  ends: 'time',
  interrupted: 'time',
  grace: 'time',
  late: 'time',
  groups: 'who',
  persons: 'who',
  commission: 'who',
}
const ORDER: readonly PartOfForm[] = ['title', 'questions', 'time', 'who', 'rules']

/** The parts of the form in which two drafts differ, in their order. */
export function changedIn(one: Draft, other: Draft): PartOfForm[] {
  const names = Object.keys(other) as (keyof Draft)[]
  const differ = names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
  const parts = new Set(differ.map((name) => PARTS[name] ?? 'rules'))
  return ORDER.filter((part) => parts.has(part))
}
