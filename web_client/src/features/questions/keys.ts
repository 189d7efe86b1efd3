import type { Answer, Shown } from './shapes'

/** What a number on the keyboard makes of the answer; null where it means nothing. */
export function pressed(shown: Shown, answer: Answer, key: string): Answer | null {
  const nth = /^[1-9]$/.test(key) ? Number(key) : 0
  if (nth === 0) return null
  if (shown.kind === 'true_false') return nth <= 2 ? { kind: 'truth', value: nth === 1 } : null
  if (shown.kind !== 'single' && shown.kind !== 'multiple') return null
  const option = shown.options[nth - 1]
  if (!option) return null
  if (shown.kind === 'single') return { kind: 'chosen', ids: [option.id] }
  const ids = answer.kind === 'chosen' ? (answer.ids ?? []) : []
  return toggled(ids, option.id, shown.most)
}

/** With an option chosen, or no longer; null where no more may be. `most` 0 is any number. */
export function toggled(ids: readonly string[], id: string, most: number): Answer | null {
  if (ids.includes(id)) return { kind: 'chosen', ids: ids.filter((one) => one !== id) }
  return most > 0 && ids.length >= most ? null : { kind: 'chosen', ids: [...ids, id] }
}
