// Days of the calendar as `2026-10-22`, apart from any zone.

const DAY = 86_400_000
/** August: a school year that begins in 2026 has the lessons of August 2026 to July 2027. */
const FIRST_MONTH = 8

const moment = (day: string) => Date.parse(`${day}T00:00:00Z`)

export function plusDays(day: string, days: number): string {
  return new Date(moment(day) + days * DAY).toISOString().slice(0, 10)
}

/** 0 is Monday. */
export function weekdayNumber(day: string): number {
  return (new Date(moment(day)).getUTCDay() + 6) % 7
}

export function mondayOf(day: string): string {
  return plusDays(day, -weekdayNumber(day))
}

/** The year in which the school year of a day began. */
export function schoolYearOf(day: string): number {
  const [year, month] = day.split('-').map(Number) as [number, number]
  return month >= FIRST_MONTH ? year : year - 1
}

/** The last day of lessons that begin on `first`: the 25th of May, when lessons usually end, or a week later
 *  where that is over. */
export function lastDay(first: string, year: number): string {
  const end = `${year + 1}-05-25`
  return end > first ? end : plusDays(first, 6)
}

/** `2026/27` */
export function yearName(year: number): string {
  return `${year}/${String((year + 1) % 100).padStart(2, '0')}`
}
