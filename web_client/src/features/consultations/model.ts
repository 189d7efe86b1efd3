import type { ConsultationView } from '../../api/types'
import { dateOf } from '../../base/format'

export interface Day {
  date: string
  items: ConsultationView[]
}

/** By local day, both days and slots in their order. */
export function byDay(items: readonly ConsultationView[], zone: string): Day[] {
  const days: Day[] = []
  for (const one of items) {
    const date = dateOf(one.starts_at, zone)
    const last = days.at(-1)
    if (last?.date === date) last.items.push(one)
    else days.push({ date, items: [one] })
  }
  return days
}

/** What a person may do about a slot now. */
export function wayOf(one: ConsultationView, now: number): 'callOff' | 'enter' | 'giveBack' | 'book' | 'full' | null {
  const begun = Date.parse(one.starts_at) <= now
  if (one.state === 'cancelled' || one.state === 'ended') return null
  if (one.state === 'open' && one.mine !== 'free') return 'enter'
  if (one.mine === 'leads') return begun ? 'enter' : 'callOff'
  if (begun) return null
  if (one.mine === 'booked') return 'giveBack'
  return one.booked < one.places ? 'book' : 'full'
}
