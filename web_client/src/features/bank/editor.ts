/** A question while an author works on it: what is written, what is kept, what is wrong with it. */
import type { Language } from '../../api/types'
import type { Clock } from '../../base/clock'
import { Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import type { Answer, Shown } from '../questions/shapes'
import type { Api } from './api'
import { fresh, isBlank, languagesOf, tidied } from './draft'
import { type Fault, faultOf, placed } from './faults'
import type { Item, Kind } from './plain'
import type { ItemView, Outcome, Tried } from './shapes'

/** Milliseconds without a key until the server is asked what is wrong. */
export const REST = 700
const KEY = 'sabaq.question.'

export interface Writing {
  phase: 'ready'
  item: Item
  /** As the server has it; null for a new one. */
  kept: ItemView | null
  /** Written since it was last kept. */
  changed: boolean
  saving: boolean
  error: unknown
  faults: readonly Fault[]
  /** The server has said what is wrong with what is written now. */
  checked: boolean
  /** Where media lie, by what they hold. */
  media: Readonly<Record<string, string>>
  /** Taken from what this browser kept of unsaved work. */
  restored: boolean
  trial: TrialState
}

/** The question as a learner would see it, and an answer that its author tries. */
export interface TrialState {
  /** What is drawn and shuffled depends on it. */
  seed: number
  language: Language
  /** Null while something is wrong with the question. */
  shown: Shown | null
  answer: Answer | null
  outcome: Outcome | null
  busy: boolean
  error: unknown
}
export type EditorState = { phase: 'loading' } | { phase: 'failed'; error: unknown } | Writing

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
type Asked = Pick<Api, 'item' | 'preview' | 'createItem' | 'changeItem'>

export class EditorModel {
  private readonly cell = new Cell<EditorState>({ phase: 'loading' })
  private turn = 0
  private stopWaiting: () => void = () => undefined

  constructor(
    private readonly scope: Scope,
    private readonly api: Asked,
    private readonly clock: Clock,
    private readonly store: Store,
    private readonly from: { itemId: string; version?: number } | { bankId: string; kind: Kind },
    private readonly language: Language,
  ) {
    scope.onEnd(() => this.stopWaiting())
    void this.load()
  }

  get state(): Value<EditorState> {
    return this.cell
  }

  async load(): Promise<void> {
    if (!('itemId' in this.from)) {
      const left = this.left(0)
      this.begin(left ?? fresh(this.from.kind), null, left !== null)
      return
    }
    this.put({ phase: 'loading' })
    try {
      this.show(await this.api.item(this.from.itemId, this.from.version))
    } catch (error) {
      this.put({ phase: 'failed', error })
    }
  }

  /** Shows what the server has, but for what this browser kept of later work on that same version. */
  show(kept: ItemView): void {
    const left = this.left(kept.row.version)
    this.begin(left ?? kept.item, kept, left !== null)
  }

  change(part: (item: Item) => Item): void {
    const now = this.now()
    if (!now) return
    const item = part(now.item)
    if (item === now.item) return
    const trial = { ...now.trial, answer: null, outcome: null }
    this.put({ ...now, item, changed: true, checked: false, error: null, trial })
    this.keepHere(item, now.kept?.row.version ?? 0)
    this.checkSoon(REST)
  }

  /** What lies where, of media that were added. */
  placeMedia(sha256: string, url: string): void {
    const now = this.now()
    if (now) this.put({ ...now, media: { ...now.media, [sha256]: url } })
  }

  /** Keeps it on the server. Answers what is there then; null where it was refused. */
  async save(): Promise<ItemView | null> {
    const now = this.now()
    if (!now || now.saving) return null
    this.put({ ...now, saving: true, error: null })
    const item = tidied(now.item)
    try {
      const kept = now.kept
        ? await this.api.changeItem(now.kept.row.id, now.kept.row.version, item)
        : await this.api.createItem(this.bank(), item)
      this.forget()
      const later = this.now() ?? now
      const changed = later.item !== now.item
      const faults = placed(kept.faults, item, later.item)
      const media = { ...later.media, ...kept.media }
      this.put({ ...later, kept, changed, saving: false, faults, checked: !changed, media, restored: false })
      if (changed) this.keepHere(later.item, kept.row.version)
      return kept
    } catch (error) {
      const later = this.now() ?? now
      const fault = faultOf(error)
      const faults = fault ? placed([fault], item, later.item) : later.faults
      this.put({ ...later, saving: false, error: fault ? new Refusal('item_unfit') : error, faults })
      return null
    }
  }

  /** Gives up what was written since it was kept. */
  giveUp(): void {
    const now = this.now()
    if (!now) return
    this.forget()
    this.begin(now.kept?.item ?? fresh(now.item.body.kind), now.kept, false)
  }

  /** Shows it in another language, or with another draw. */
  look(part: Partial<Pick<TrialState, 'seed' | 'language'>>): void {
    this.putTrial({ ...part, answer: null, outcome: null, error: null })
    this.checkSoon(0)
  }

  answer(answer: Answer): void {
    this.putTrial({ answer, outcome: null, error: null })
  }

  /** Asks what the answer is worth. */
  async try(): Promise<void> {
    const asked = this.now()
    if (!asked?.trial.answer || asked.trial.busy) return
    const { answer, seed, language } = asked.trial
    this.putTrial({ busy: true, error: null })
    try {
      const item = tidied(asked.item)
      const { outcome } = await this.api.preview({ item, seed: String(seed), language, answer })
      const same = this.now()?.trial.answer === answer
      this.putTrial({ busy: false, ...(same && { outcome }) })
    } catch (error) {
      this.putTrial({ busy: false, error })
    }
  }

  private begin(item: Item, kept: ItemView | null, restored: boolean): void {
    const [first = this.language, ...others] = languagesOf(item.prompt)
    const language = [first, ...others].includes(this.language) ? this.language : first
    this.stopWaiting()
    this.put({
      phase: 'ready',
      item,
      kept,
      changed: restored,
      saving: false,
      error: null,
      faults: kept?.faults ?? [],
      checked: !restored && kept !== null,
      media: kept?.media ?? {},
      restored,
      trial: { seed: 1, language, shown: null, answer: null, outcome: null, busy: false, error: null },
    })
    if (kept || restored) this.checkSoon(0)
  }

  private putTrial(part: Partial<TrialState>): void {
    const now = this.now()
    if (now) this.put({ ...now, trial: { ...now.trial, ...part } })
  }

  private bank(): string {
    return 'bankId' in this.from ? this.from.bankId : ''
  }

  private checkSoon(after: number): void {
    this.stopWaiting()
    this.stopWaiting = this.clock.after(after, () => void this.check())
  }

  private async check(): Promise<void> {
    const asked = this.now()
    if (!asked) return
    const turn = ++this.turn
    const item = tidied(asked.item)
    const { seed, language } = asked.trial
    let said: Pick<Tried, 'faults' | 'media' | 'shown'>
    try {
      said = await this.api.preview({ item, seed: String(seed), language, answer: null })
    } catch (error) {
      const fault = faultOf(error)
      if (!fault) return this.putTrial({ error })
      said = { faults: [fault], media: {}, shown: null }
    }
    const now = this.now()
    if (!now || turn !== this.turn || now.item !== asked.item) return
    const faults = placed(said.faults, item, now.item)
    const trial = { ...now.trial, shown: said.shown, error: null }
    this.put({ ...now, faults, checked: true, media: { ...now.media, ...said.media }, trial })
  }

  private now(): Writing | null {
    const now = this.cell.get()
    return now.phase === 'ready' ? now : null
  }

  private put(state: EditorState): void {
    if (!this.scope.ended) this.cell.set(state)
  }

  private get key(): string {
    return KEY + ('itemId' in this.from ? this.from.itemId : `new.${this.from.bankId}`)
  }

  private keepHere(item: Item, version: number): void {
    if ('version' in this.from) return
    try {
      if (isBlank(item)) this.store.removeItem(this.key)
      else this.store.setItem(this.key, JSON.stringify({ version, item }))
    } catch {
      // A browser that keeps nothing: what is written stays on the page.
    }
  }

  private left(version: number): Item | null {
    if ('version' in this.from) return null
    try {
      const left = JSON.parse(this.store.getItem(this.key) ?? 'null') as { version: number; item: Item } | null
      return left?.version === version && left.item.version === 1 ? left.item : null
    } catch {
      return null
    }
  }

  private forget(): void {
    try {
      this.store.removeItem(this.key)
    } catch {
      // As above.
    }
  }
}
