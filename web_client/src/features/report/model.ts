import type { ReportLine } from '../../api/types'

export type Order = 'name' | 'minutes' | 'spoke' | 'messages'

/** By the alphabet, or the most first; among equals the order they came in stays. */
export function ordered(lines: readonly ReportLine[], by: Order): ReportLine[] {
  if (by === 'name') return [...lines]
  return [...lines].sort((a, b) => b[by] - a[by])
}

/** `61` → `1:01`; seconds are not hidden, a short answer counts too. */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A table for other programs (RFC 4180), with what begins a formula made harmless. */
export function asCsv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
    return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
