import { partsOf } from '../../base/format'

const two = (number: number) => String(number).padStart(2, '0')

/** `2026-11-22T10:05` on the wall of a zone, as a field of day and time holds it; '' for none. */
export function wallOf(moment: string | number | null | undefined, zone: string): string {
  if (moment === null || moment === undefined) return ''
  const { year, month, day, hour, minute } = partsOf(moment, zone)
  return `${year}-${two(month)}-${two(day)}T${hour}:${minute}`
}

/** The moment at which a zone's wall shows that; null for an empty field. A wall time that is skipped is the one
 *  after it. */
export function momentOf(wall: string, zone: string): string | null {
  const meant = Date.parse(`${wall}Z`)
  if (Number.isNaN(meant)) return null
  const ahead = (at: number) => Date.parse(`${wallOf(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000
  const first = meant - ahead(meant)
  return new Date(meant - ahead(first)).toISOString()
}

/** The last minute of the day that it will be there in some hours. */
export function endOfDay(now: number, zone: string, hours: number): string {
  return `${wallOf(now + hours * 3_600_000, zone).slice(0, 10)}T23:59`
}
