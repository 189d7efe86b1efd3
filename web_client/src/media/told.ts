import type { Entered, ParticipantView, Signal, Source } from '../api/types'

export type Person = ParticipantView
export type Rights = Person['rights']
/** How a lesson is led now. Moments are seconds since 1970 by the server's clock. */
export type Leading = Entered['leading']
export type Waiting = Entered['in_lobby'][number]

/** Microphone, camera, screen; chat and board. */
export const RIGHTS = ['speak', 'show', 'share', 'write'] as const
export type Right = (typeof RIGHTS)[number]

export const ALL_RIGHTS: Rights = { speak: true, show: true, share: true, write: true }
export const MAIN = 'main'

export const UNLED: Leading = {
  lobby: false,
  rights: ALL_RIGHTS,
  spotlight: null,
  timer: null,
  showing: null,
  breakouts: null,
  recording: null,
}

/** The right that a source needs. */
export const RIGHT_FOR: Record<Source, Right> = {
  microphone: 'speak',
  camera: 'show',
  screen: 'share',
  screen_sound: 'share',
}

export const REACTIONS = [
  'thumbs_up',
  'thumbs_down',
  'clap',
  'heart',
  'laugh',
  'wonder',
  'party',
  'slower',
  'faster',
] as const
export type Reaction = (typeof REACTIONS)[number]

type HintName = 'reaction' | 'asked_to_unmute' | 'picked' | 'called' | 'written'
/** What passes and is kept by nobody. */
export type Hint = Extract<Signal, { name: HintName }>

const HINTS: ReadonlySet<string> = new Set<HintName>([
  'reaction',
  'asked_to_unmute',
  'picked',
  'called',
  'written',
])

export function isHint(signal: Signal): signal is Hint {
  return HINTS.has(signal.name)
}
