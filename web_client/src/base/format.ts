import i18next from 'i18next'

// Browsers ship no Kazakh month or weekday names, so the names come from our own catalogues and
// Intl is asked for numbers only.

interface Parts {
  year: number
  month: number
  day: number
  weekday: number
  hour: string
  minute: string
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const makers = new Map<string, Intl.DateTimeFormat>()

function maker(zone: string): Intl.DateTimeFormat {
  const known = makers.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  makers.set(zone, made)
  return made
}

export function partsOf(moment: string | number, zone: string): Parts {
  const found: Record<string, string> = {}
  for (const { type, value } of maker(zone).formatToParts(new Date(moment))) found[type] = value
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    weekday: WEEKDAYS.indexOf(found.weekday ?? ''),
    hour: found.hour ?? '',
    minute: found.minute ?? '',
  }
}

/** `09:50` on the wall of the given zone. */
export function timeOf(moment: string | number, zone: string): string {
  const { hour, minute } = partsOf(moment, zone)
  return `${hour}:${minute}`
}

/** `2026-10-22` in the given zone. */
export function dateOf(moment: string | number, zone: string): string {
  const { year, month, day } = partsOf(moment, zone)
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** `22 қазан` · `22 октября` · `22 October`. */
export function dayOf(moment: string | number, zone: string): string {
  const { month, day } = partsOf(moment, zone)
  const months = i18next.t('date.months', { returnObjects: true }) as string[]
  return `${day} ${months[month - 1]}`
}

export function weekdayOf(moment: string | number, zone: string): string {
  const weekdays = i18next.t('date.weekdays', { returnObjects: true }) as string[]
  return weekdays[partsOf(moment, zone).weekday] ?? ''
}

/** `1 сағ 20 мин`; whole minutes, at least one. */
export function lengthOf(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000))
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return i18next.t('date.minutes', { minutes })
  if (minutes % 60 === 0) return i18next.t('date.hours', { hours })
  return i18next.t('date.hoursMinutes', { hours, minutes: minutes % 60 })
}

/** `0:12`, `31:12`, `1:05:09`. */
export function stopwatch(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000))
  const seconds = String(total % 60).padStart(2, '0')
  const minutes = Math.floor(total / 60) % 60
  const hours = Math.floor(total / 3600)
  if (hours === 0) return `${minutes}:${seconds}`
  return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
}

const ALPHABET = 'аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя'

/** Order of names by the Kazakh alphabet (it holds the Russian one in its own order). */
export function compareNames(a: string, b: string): number {
  const left = a.toLowerCase()
  const right = b.toLowerCase()
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = rank(left, i) - rank(right, i)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function rank(text: string, index: number): number {
  const letter = ALPHABET.indexOf(text.charAt(index))
  return letter >= 0 ? 0x10000 + letter : text.charCodeAt(index)
}

/** `АН` for `Айгүл Нұрланова`. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
}
