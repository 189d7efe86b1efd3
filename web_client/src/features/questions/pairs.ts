import type { Pair } from './shapes'

export interface PairRule {
  /** Of how many right ones a left one may have; 0 is any number. */
  most: number
  /** Whether a right one may be used more than once. */
  reuse: boolean
}

/** With `right` as the only partner of `left`; empty takes the partner away. What may stand once goes from where it
 *  stood. */
export function paired(pairs: readonly Pair[], left: string, right: string, rule: PairRule): Pair[] {
  const others = pairs.filter((one) => one.left !== left && (rule.reuse || one.right !== right))
  return right ? [...others, { left, right }] : others
}

/** With a partner more, or without it; null where no more may be. */
export function toggledPair(pairs: readonly Pair[], left: string, right: string, rule: PairRule): Pair[] | null {
  const others = pairs.filter((one) => one.left !== left || one.right !== right)
  if (others.length < pairs.length) return others
  if (rule.most > 0 && partners(pairs, left).length >= rule.most) return null
  const free = rule.reuse ? others : others.filter((one) => one.right !== right)
  return [...free, { left, right }]
}

export function partners(pairs: readonly Pair[], left: string): string[] {
  return pairs.filter((one) => one.left === left).map((one) => one.right)
}

/** `A`, `B`, … `Z`, `AA`: what right ones are called beside what they say. */
export function letterOf(at: number): string {
  return (at >= 26 ? letterOf(Math.floor(at / 26) - 1) : '') + String.fromCharCode(65 + (at % 26))
}
