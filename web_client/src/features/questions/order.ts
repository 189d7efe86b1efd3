/** One of them brought to another place; the others close up. */
export function brought<T>(all: readonly T[], from: number, to: number): T[] {
  const others = all.filter((_, at) => at !== from)
  const place = Math.min(Math.max(0, to), others.length)
  return from in all ? [...others.slice(0, place), all[from]!, ...others.slice(place)] : [...all]
}

/** The order as answered; where it is not (any more) all of them once, as they were shown. */
export function orderOf(shown: readonly string[], answered: readonly string[] | undefined): string[] {
  const known = new Set(shown)
  const given = new Set(answered)
  const whole = given.size === shown.length && given.size === answered?.length && [...given].every((id) => known.has(id))
  return whole ? [...given] : [...shown]
}

/** At which place something dropped at height `y` comes to stand, among rows with these middles. */
export function placeAt(y: number, middles: readonly number[], from: number): number {
  return middles.filter((middle, at) => at !== from && middle < y).length
}
