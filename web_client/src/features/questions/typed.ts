/** A typed number and its unit, where it ends with one of those there are. */
export function splitUnit(text: string, units: readonly string[]): { number: string; unit: string } {
  const at = text.lastIndexOf(' ')
  const unit = at < 0 ? '' : text.slice(at + 1)
  if (unit && units.includes(unit)) return { number: text.slice(0, at), unit }
  const spaced = units.find((one) => one.includes(' ') && text.endsWith(` ${one}`))
  return spaced ? { number: text.slice(0, -spaced.length - 1), unit: spaced } : { number: text, unit: '' }
}

export function joinUnit(number: string, unit: string): string {
  return unit ? `${number} ${unit}` : number
}

/** Words of a text as people count them. */
export function countWords(text: string): number {
  return (text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu) ?? []).length
}
