import { type Layout, type Piece } from './shapes'
import type { Shown, Story } from './story'
import { playing } from './timeline'

/** What is seen and heard at one second. */
export interface OnStage {
  /** The large picture; without one, `speaker` stands there as a name. */
  large: Piece | null
  /** The small picture beside it. */
  small: Piece | null
  /** The presentation or board in the large place. */
  shown: Shown | null
  speaker: { id: string; name: string } | null
  sounds: Piece[]
}

/** A browser keeps six connections to a server; two pictures and what else is asked for need theirs. */
export const MOST_SOUNDS = 3
/** Seconds before and after in which a voice is wanted, so that it is there when it begins. */
const BEFORE = 1.5
const AHEAD = 6

export function stageAt(
  pieces: readonly Piece[],
  story: Story,
  look: { place: string; layout: Layout; one: boolean },
  at: number,
): OnStage {
  const now = playing(pieces, look.place, at).filter(({ url }) => url)
  const speaker = speakerAt(now, story, at)
  const camera = now.findLast((one) => one.source === 'camera' && one.participant_id === speaker?.id)
  const screen = now.findLast(({ kind, source }) => kind === 'video' && source === 'screen')
  const sounds = soundsAt(now, story, at)
  const shown = look.place === 'main' ? story.showingAt(at) : null
  const face = camera ?? null
  switch (look.layout) {
    case 'sound':
      return { large: null, small: null, shown: null, speaker, sounds }
    case 'speaker':
      return { large: face, small: null, shown: null, speaker, sounds }
    case 'slides':
      return { large: null, small: look.one ? null : face, shown, speaker, sounds }
    case 'stage':
      if (shown && !screen) return { large: null, small: look.one ? null : face, shown, speaker, sounds }
      if (!screen) return { large: face, small: null, shown: null, speaker, sounds }
      return { large: screen, small: look.one ? null : face, shown: null, speaker, sounds }
  }
}

/** Whoever the teacher put in front, else who has the word, else who speaks, else whose picture there
 *  is: the first that came. */
function speakerAt(now: readonly Piece[], story: Story, at: number): OnStage['speaker'] {
  const here = new Map(now.map(({ participant_id, name }) => [participant_id, name]))
  const wishes = [story.spotlightAt(at), story.inFrontAt(at), ...story.speakingAt(at)]
  const first = now.find(({ source }) => source === 'camera') ?? now[0]
  const id = wishes.find((one) => here.has(one)) ?? first?.participant_id
  return id === undefined ? null : { id, name: here.get(id) || story.nameOf(id) }
}

/** The voices around a second; where nobody is told to speak, those that came first. Of a shared screen
 *  the sound is always heard. */
function soundsAt(now: readonly Piece[], story: Story, at: number): Piece[] {
  const sounds = now.filter(({ kind }) => kind === 'audio')
  if (sounds.length <= MOST_SOUNDS) return sounds
  const speaking = story.speakingWithin(at - BEFORE, at + AHEAD)
  const present = new Set(story.speakingAt(at))
  const rank = (one: Piece) => {
    if (one.source !== 'microphone') return -2
    if (present.has(one.participant_id)) return -1
    const place = speaking.indexOf(one.participant_id)
    return place < 0 ? speaking.length : place
  }
  return [...sounds].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_SOUNDS)
}
