import { Refusal } from '../../base/errors'
import type { Handed } from './shapes'

/** Where files of answers are kept. */
export interface FileKeeper {
  /** Keeps a file and answers how an answer names it. Throws a Refusal. */
  put(file: Blob, name: string): Promise<Handed>
  /** An address at which this page may open it; null where it is not to be had here. */
  find(sha256: string): Promise<string | null>
}

/** SHA-256 in small hexadecimal digits. Throws a Refusal where the browser reckons none: outside https. */
export async function sumOf(file: Blob): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new Refusal('insecure_page')
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Keeps files while the page lives: for a question that is only looked at. */
export function passingFiles(): FileKeeper {
  const kept = new Map<string, string>()
  return {
    async put(file, name) {
      const sha256 = await sumOf(file)
      if (!kept.has(sha256)) kept.set(sha256, URL.createObjectURL(file))
      return { sha256, name, size: file.size }
    },
    find: async (sha256) => kept.get(sha256) ?? null,
  }
}

/** `pdf` of `Report.PDF`; nothing where there is none. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf('.')
  return at < 0 ? '' : name.slice(at + 1).toLowerCase()
}

/** Why a file cannot be handed in; null when it can. */
export function unfit(
  file: { name: string; size: number },
  rule: { types: readonly string[]; most_bytes: number },
): 'type' | 'size' | null {
  if (rule.types.length > 0 && !rule.types.includes(endingOf(file.name))) return 'type'
  return file.size > rule.most_bytes ? 'size' : null
}

/** `12 КБ` in the words of `unit`; bytes are never shown as such. */
export function sizeOf(bytes: number): { unit: 'kb' | 'mb'; number: string } {
  if (bytes < 1_000_000) return { unit: 'kb', number: String(Math.max(1, Math.round(bytes / 1000))) }
  return { unit: 'mb', number: (bytes / 1_000_000).toFixed(1).replace(/\.0$/, '') }
}
