/** The report of an import or an export: every question that was refused or lost something, where and why. */
import type { TFunction } from 'i18next'
import { nameOf, whyOf } from './faults'
import type { Imported, Note } from './shapes'

/** Formats that questions come from and go to, the most common first. */
export const FORMATS = ['xlsx', 'moodle', 'gift', 'aiken', 'qti30', 'qti22', 'qti21'] as const
export type Format = (typeof FORMATS)[number]
/** What a file that comes may be said to be; what it holds is looked at all the same. */
export const READABLE = ['auto', 'xlsx', 'moodle', 'gift', 'aiken', 'qti'] as const
export type Readable = (typeof READABLE)[number]
/** Endings that a file of questions may have. */
export const ENDINGS = '.txt,.gift,.xml,.zip,.xlsx,.xls,.ods'
/** Bytes: `lms_core/items/exchange/batch.py`. */
export const MOST_BYTES = 100_000_000
const FEW = 200

/** Why, in a sentence, with what it is about. */
export function reasonOf({ why, what }: Pick<Note, 'why' | 'what'>, t: TFunction): string {
  if (why === 'item_unfit' && what) {
    const faults = what.split('; ').map((one) => {
      const at = one.lastIndexOf(' ')
      const fault = { where: one.slice(0, at), why: one.slice(at + 1) }
      return `${nameOf(fault.where, t)}: ${whyOf(fault, t)}`
    })
    return faults.join(' ')
  }
  const key = why.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return t([`bank.exchange.${key}`, 'bank.exchange.other'], { what: namedSetting(why, what, t) })
}

/** Settings are told by our words for them. */
function namedSetting(why: string, what: string, t: TFunction): string {
  if (why === 'setting_lost') return t(`bank.setting.${what}`, { defaultValue: what })
  if (why === 'languages_lost') return what.split(' ').map((one) => t(`bank.language.${one}`, { defaultValue: one })).join(', ')
  return what
}

/** What the reason is about, where the sentence has no place for it: a kind and a rule by our words. */
export function aboutOf({ why, what }: Pick<Note, 'why' | 'what'>, t: TFunction): string {
  if (why === 'item_unfit' || why === 'setting_lost' || why === 'languages_lost') return ''
  if (why === 'no_place_in_format') return what && t(`bank.kind.${what}`, { defaultValue: what })
  if (why === 'rule_lost') return what && t(`bank.rules.${what}`, { defaultValue: what })
  return what
}

/** As a table for a spreadsheet: a line for each note. Excel reads UTF-8 where a mark begins the file. */
export function tableOf(report: Pick<Imported, 'refused' | 'noted'>, t: TFunction): string {
  const head = ['state', 'where', 'why', 'about'].map((one) => t(`bank.report.${one}`))
  const lines = (notes: readonly Note[], state: string) =>
    notes.map((note) => [t(`bank.report.${state}`), note.where, reasonOf(note, t), aboutOf(note, t)])
  const rows = [head, ...lines(report.refused, 'refused'), ...lines(report.noted, 'noted')]
  return `\ufeff${rows.map((row) => row.map(cell).join(';')).join('\r\n')}\r\n`
}

/** The first of a long list, and how many are not shown. */
export function firstOf<T>(notes: readonly T[]): { shown: readonly T[]; more: number } {
  return { shown: notes.slice(0, FEW), more: Math.max(0, notes.length - FEW) }
}

/** A cell that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
