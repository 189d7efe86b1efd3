import { isRefusal } from '../../base/errors'
import type { SchoolApi } from '../../api/school'
import type { Checked, Language, ListKind, Report, Sheet } from '../../api/types'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import { lastDay } from '../school/days'

export const KINDS: readonly ListKind[] = ['classes', 'people', 'courses', 'lessons']

/** As large as the server takes, in bytes. */
export const MOST_BYTES = 700_000

export interface Draft {
  kind: ListKind
  text: string
  /** A chosen file, in base64. */
  file: { name: string; content: string } | null
  first: string
  until: string
  /** Of people who have none of their own in the list. */
  language: Language
}

export interface ImportState {
  draft: Draft
  busy: boolean
  error: unknown
  /** What would become of each row, of the draft as it is. */
  report: Report | null
  /** What became of it. */
  taken: Report | null
  /** Why the file cannot be sent. */
  unfit: 'too_large' | 'unreadable' | null
}

export function kindIn(search: string): ListKind {
  const asked = new URLSearchParams(search).get('kind')
  return KINDS.find((kind) => kind === asked) ?? 'people'
}

/** A list on its way in: written or chosen, checked, taken. */
export class ImportModel {
  private readonly cell: Cell<ImportState>

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<SchoolApi, 'check' | 'take'>,
    private readonly year: number,
    today: string,
    kind: ListKind,
    language: Language = 'kk',
  ) {
    const until = lastDay(today, year)
    const draft = { kind, text: '', file: null, first: today, until, language }
    this.cell = new Cell<ImportState>({
      draft,
      busy: false,
      error: null,
      report: null,
      taken: null,
      unfit: null,
    })
  }

  get state(): Value<ImportState> {
    return this.cell
  }

  /** Changes the draft: what was found out about another one no longer holds. */
  change(part: Partial<Draft>): void {
    this.put({
      draft: { ...this.cell.get().draft, ...part },
      report: null,
      taken: null,
      error: null,
      unfit: null,
    })
  }

  async choose(file: File): Promise<void> {
    if (file.size > MOST_BYTES) {
      this.change({ file: null })
      return this.put({ unfit: 'too_large' })
    }
    try {
      this.change({ file: { name: file.name, content: base64(await file.arrayBuffer()) } })
    } catch {
      this.put({ unfit: 'unreadable' })
    }
  }

  async check(): Promise<void> {
    await this.work(async (sheet) => this.put({ report: await this.api.check(sheet), taken: null }))
  }

  /** `onlyGood`: without the rows that are refused. */
  async take(onlyGood: boolean): Promise<void> {
    await this.work(async (sheet) => {
      const taken = await this.api.take({ sheet, only_good: onlyGood })
      this.put({ taken, report: taken })
    })
    if (isRefusal(this.cell.get().error, 'import_refused')) await this.check()
  }

  /** Begins with an empty list, of another kind if need be. */
  begin(kind: ListKind): void {
    this.change({ kind, text: '', file: null })
  }

  private async work(ask: (sheet: Sheet) => Promise<void>): Promise<void> {
    const { draft, busy } = this.cell.get()
    if (busy || isEmpty(draft)) return
    this.put({ busy: true, error: null })
    try {
      await ask(sheetOf(draft, this.year))
    } catch (error) {
      this.put({ error })
    } finally {
      this.put({ busy: false })
    }
  }

  private put(part: Partial<ImportState>): void {
    if (!this.scope.ended) this.cell.update((state) => ({ ...state, ...part }))
  }
}

export function isEmpty(draft: Draft): boolean {
  return draft.file === null && draft.text.trim() === ''
}

export function sheetOf(draft: Draft, year: number): Sheet {
  const { kind, text, file, first, until, language } = draft
  return {
    kind,
    year,
    first,
    until: kind === 'lessons' ? until : null,
    text: file ? '' : text,
    file: file?.content ?? '',
    language: kind === 'people' ? language : null,
  }
}

/** Rows that are refused come first, then the others, each in the order of the list. */
export function inOrder(rows: readonly Checked[]): Checked[] {
  return [
    ...rows.filter(({ outcome }) => outcome === 'refused'),
    ...rows.filter(({ outcome }) => outcome !== 'refused'),
  ]
}

/** What is to be imported after this. */
export function following(kind: ListKind): ListKind | null {
  return KINDS[KINDS.indexOf(kind) + 1] ?? null
}

export function base64(content: ArrayBuffer): string {
  let text = ''
  const bytes = new Uint8Array(content)
  for (let from = 0; from < bytes.length; from += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(from, from + 0x8000))
  }
  return btoa(text)
}

export function bytesOf(content: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
}
