// How one picture or sound is kept where the recording's clock is.

/** Seconds by which a thing may be wrong before its speed is changed, and until which it is. */
const LOOSE = 0.06
const TIGHT = 0.015
/** From here on it is faster to jump, or, being early by no more than `EARLY`, to wait. */
const FAR = 0.35
const EARLY = 2.5
/** The most its speed is changed by: more can be heard. */
const MOST = 0.08

export type Step =
  | { act: 'jump'; to: number }
  | { act: 'wait' }
  /** `catching`: its speed is being changed. */
  | { act: 'go'; rate: number; catching: boolean }

/** `wanted`, `actual`: seconds of the file. `rate`: the speed chosen by the person. */
export function stepOf(wanted: number, actual: number, rate: number, catching: boolean): Step {
  const late = wanted - actual
  const far = FAR * Math.max(1, rate)
  if (late > far || late < -EARLY) return { act: 'jump', to: wanted }
  if (late < -far) return { act: 'wait' }
  const change = Math.abs(late) > (catching ? TIGHT : LOOSE)
  if (!change) return { act: 'go', rate, catching: false }
  const by = Math.max(-MOST, Math.min(MOST, late))
  return { act: 'go', rate: rate * (1 + by), catching: true }
}
