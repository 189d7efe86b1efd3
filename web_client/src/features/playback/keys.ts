import type { Playback } from './model'

/** Seconds. A frame is taken to last a twenty-fifth of one. */
const STEP = 5
const LEAP = 10
const FRAME = 1 / 25

type Deed = (playback: Playback) => void

const ALWAYS: Record<string, Deed> = {
  Space: (playback) => playback.toggle(),
  ArrowLeft: (playback) => playback.skip(-STEP),
  ArrowRight: (playback) => playback.skip(STEP),
  Home: (playback) => playback.jump(0),
  End: (playback) => playback.jump(playback.seconds),
}

const LETTERS: Record<string, Deed> = {
  KeyK: (playback) => playback.toggle(),
  KeyJ: (playback) => playback.skip(-LEAP),
  KeyL: (playback) => playback.skip(LEAP),
  Comma: (playback) => frame(playback, -FRAME),
  Period: (playback) => frame(playback, FRAME),
  KeyC: (playback) => playback.setLook({ captions: !playback.look.get().captions }),
  KeyM: (playback) => playback.setLook({ volume: playback.look.get().volume > 0 ? 0 : 1 }),
}

/** What a key does here; undefined when it belongs to what has the focus. Letters can be switched off. */
export function deedOf(event: KeyboardEvent, letters: boolean): Deed | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return undefined
  const target = event.target instanceof Element ? event.target : null
  const onLine = target?.matches('input[type=range][data-line]') ?? false
  if (!onLine && target?.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu]')) {
    return undefined
  }
  if (event.code === 'Space' && target?.closest('button, a, summary')) return undefined
  if (isOfList(event.code) && target?.closest('[role=tab], [role=tabpanel]')) return undefined
  return ALWAYS[event.code] ?? (letters ? LETTERS[event.code] : undefined)
}

/** Keys that tabs and scrolled lists use themselves. */
function isOfList(code: string): boolean {
  return ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(code)
}

function frame(playback: Playback, by: number): void {
  if (playback.going.get().wanted) playback.toggle()
  playback.skip(by)
}
