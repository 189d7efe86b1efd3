/** A number as the server takes it, of what a person typed with a comma or a point; null if it is none. */
export function decimalOf(typed: string): string | null {
  const found = /^\s*(\d{1,6})?(?:[.,](\d{1,4}))?\s*$/.exec(typed)
  if (!found || (!found[1] && !found[2])) return null
  const tail = (found[2] ?? '').replace(/0+$/, '')
  return `${Number(found[1] ?? 0)}${tail && `.${tail}`}`
}

/** `2,5`: without needless zeros, with the comma of Kazakh and Russian. */
export function shownNumber(value: string | number | null | undefined, language: string, places = 4): string {
  if (value === null || value === undefined || value === '') return '–'
  const rounded = Number(Number(value).toFixed(places))
  const text = String(Object.is(rounded, -0) ? 0 : rounded)
  return (language === 'en' ? text : text.replace('.', ',')).replace('-', '−')
}
