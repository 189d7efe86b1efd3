/** One publication as it was recorded: a file that plays from `starts_s` to `ends_s` of the recording. */
export interface Piece {
  id: string
  participant_id: string
  name: string
  source: string
  kind: 'audio' | 'video'
  /** `main`, or a breakout's id. */
  place: string
  /** Seconds since the recording began. */
  starts_s: number
  ends_s: number
  url: string | null
  /** What is missing of it. */
  gaps?: readonly { starts_s: number; ends_s: number }[]
}

/** Something that happened in the lesson, with its second. */
export interface Moment {
  at_s: number
  kind: string
  body: Record<string, unknown>
}

/** `stage`: what is shown, beside who speaks. `slides`: the presentation or board, beside who speaks. */
export type Layout = 'stage' | 'speaker' | 'slides' | 'sound'
export const LAYOUTS: readonly Layout[] = ['stage', 'speaker', 'slides', 'sound']
export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
export const MAIN = 'main'
