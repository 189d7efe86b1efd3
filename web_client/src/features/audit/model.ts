import type { Api } from '../../api/client'
import type { AuditEntry } from '../../api/types'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

export const WHATS = [
  'logged_in',
  'refused',
  'looked',
  'role_given',
  'role_ended',
  'lock_changed',
  'code_made',
  'exported',
  'erased',
] as const

export interface Filter {
  what?: string
  person?: string
}

export type AuditState =
  | { phase: 'loading' }
  | { phase: 'failed'; error: unknown }
  | {
      phase: 'ready'
      items: readonly AuditEntry[]
      names: Readonly<Record<string, string>>
      /** Where the next page begins; null at the end. */
      earlier: string | null
      busy: boolean
      error: unknown
    }

/** The audit log of one organisation through one filter, the newest first, page by page. */
export class AuditModel {
  private readonly cell = new Cell<AuditState>({ phase: 'loading' })

  constructor(
    private readonly scope: Scope,
    private readonly api: Pick<Api, 'audit'>,
    private readonly organisation: string,
    private readonly filter: Filter,
  ) {
    void this.load()
  }

  get state(): Value<AuditState> {
    return this.cell
  }

  async load(): Promise<void> {
    this.set({ phase: 'loading' })
    try {
      this.set({
        phase: 'ready',
        ...(await this.api.audit(this.organisation, this.filter)),
        busy: false,
        error: null,
      })
    } catch (error) {
      this.set({ phase: 'failed', error })
    }
  }

  /** Adds the page before the last line. */
  async more(): Promise<void> {
    const now = this.cell.get()
    if (now.phase !== 'ready' || now.busy || !now.earlier) return
    this.set({ ...now, busy: true, error: null })
    try {
      const query = { ...this.filter, before: now.earlier }
      const { items, names, earlier } = await this.api.audit(this.organisation, query)
      this.set({
        ...now,
        items: [...now.items, ...items],
        names: { ...now.names, ...names },
        earlier,
        busy: false,
        error: null,
      })
    } catch (error) {
      this.set({ ...now, busy: false, error })
    }
  }

  private set(state: AuditState): void {
    if (!this.scope.ended) this.cell.set(state)
  }
}

/** What a line says beyond its kind: keys of the catalogue, the first known one counts. */
export function detailOf(entry: AuditEntry): string[] {
  const { what, op, code, details } = entry
  switch (what) {
    case 'logged_in':
      return [`locks.by.${code}`, 'locks.by.password']
    case 'refused':
      return [`audit.refusal.${code}`, `error.${code}`, 'audit.refusal.other']
    case 'looked':
      return [`audit.looked.${op}`, 'audit.looked.other']
    case 'role_given':
    case 'role_ended':
      return [`role.one.${String(details.role)}`, 'role.one.other']
    case 'lock_changed':
      return [`audit.lock.${code}`, 'audit.lock.other']
    case 'code_made':
      return [`audit.code.${op || 'paper'}`, 'audit.code.paper']
    default:
      return []
  }
}

/** Lines of the same day together, in their order. */
export function byDay<T extends { at: string }>(
  items: readonly T[],
  day: (at: string) => string,
): { day: string; items: T[] }[] {
  const days: { day: string; items: T[] }[] = []
  for (const item of items) {
    const name = day(item.at)
    const last = days.at(-1)
    if (last?.day === name) last.items.push(item)
    else days.push({ day: name, items: [item] })
  }
  return days
}

/** A filter as it stands in an address. */
export function filterOf(search: string): Filter {
  const asked = new URLSearchParams(search)
  const what = WHATS.find((each) => each === asked.get('what'))
  const person = asked.get('person')
  return { ...(what && { what }), ...(person && { person }) }
}

export function searchOf(filter: Filter): string {
  const search = new URLSearchParams({ ...filter }).toString()
  return search && `?${search}`
}
