import type { Answer, Kind, Shown } from '../questions/shapes'

/** `A`, `B`, … of the n-th option (from 0). */
export function letter(nth: number): string {
  return String.fromCharCode(65 + (nth % 26)) + (nth >= 26 ? String(Math.floor(nth / 26)) : '')
}

/** How many bubbles a question has on an answer sheet; 0 where the answer is written. */
export function bubbles(shown: Shown): number {
  if (shown.kind === 'single' || shown.kind === 'multiple') return shown.options.length
  return shown.kind === 'true_false' ? 2 : 0
}

/** Lines to write on; 0 where a line on the answer sheet is enough. */
export function lines(kind: Kind): number {
  return kind === 'essay' ? 12 : 0
}

/** Which bubbles are right, of a key. */
export function rightBubbles(shown: Shown, answer: Answer | null): readonly number[] {
  if (answer?.kind === 'truth') return answer.value === true ? [0] : answer.value === false ? [1] : []
  if (answer?.kind !== 'chosen' || !('options' in shown)) return []
  return (answer.ids ?? []).map((id) => shown.options.findIndex((one) => one.id === id)).filter((at) => at >= 0)
}

/** A key in a line, in the letters and numbers of the paper. */
export function keyLine(shown: Shown, answer: Answer | null, accepted: readonly string[]): string {
  if (bubbles(shown) > 0) return rightBubbles(shown, answer).map(letter).join(', ')
  if (accepted.length > 0) return accepted.join('; ')
  if (answer?.kind === 'ordered' && shown.kind === 'ordering') {
    return (answer.ids ?? []).map((id) => letter(shown.options.findIndex((one) => one.id === id))).join(' – ')
  }
  if (answer?.kind === 'paired') {
    const right = shown.kind === 'matching' ? shown.right : shown.kind === 'drag_onto' ? shown.zones : []
    const left = shown.kind === 'matching' ? shown.left : shown.kind === 'drag_onto' ? shown.labels : []
    const at = (things: readonly { id: string }[], id: string) => things.findIndex((one) => one.id === id)
    return (answer.pairs ?? []).map((one) => `${at(left, one.left) + 1} – ${letter(at(right, one.right))}`).join('; ')
  }
  if (answer?.kind === 'filled') return (answer.fills ?? []).map(({ gap, text }) => `${gap}: ${text}`).join('; ')
  return answer?.kind === 'typed' ? (answer.text ?? '') : ''
}
