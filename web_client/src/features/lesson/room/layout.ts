import type { ParticipantView } from '../../../api/types'
import type { Clock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { publicationOf, type RoomState } from '../../../media/roomState'

export type View = 'speaker' | 'grid'

/** What a stage shows: a shared screen, or a person. */
export interface OnStage {
  participant: ParticipantView
  source: 'screen' | 'camera'
}

const HOLD = 1_500

/** Who is on the stage while nobody shares a screen: whoever has gone on speaking for a moment, so that
 *  a cough does not turn every head. Never oneself. */
export function speakerOf(scope: Scope, clock: Clock, room: Value<RoomState>): Value<string> {
  const cell = new Cell('')
  let candidate = ''
  let cancel = () => {}
  const look = () => {
    const { speaking, me, participants } = room.get()
    if (!participants.some(({ id }) => id === cell.get())) cell.set('')
    const loudest = speaking.find((id) => id !== me) ?? ''
    if (loudest === candidate) return
    candidate = loudest
    cancel()
    if (!loudest || loudest === cell.get()) return
    cancel = clock.after(cell.get() ? HOLD : 0, () => cell.set(loudest))
  }
  look()
  scope.onEnd(room.watch(look))
  scope.onEnd(() => cancel())
  return cell
}

/** A pinned tile, else the newest shared screen, else the one who speaks, else the one who leads, else
 *  anybody; oneself only when alone. */
export function stageOf(room: RoomState, speaker: string, pinned: string | null): OnStage | null {
  const find = (id: string | null) => room.participants.find((participant) => participant.id === id)
  const pin = find(pinned)
  if (pin) return { participant: pin, source: 'camera' }
  const screen = room.publications.findLast(({ source, muted }) => source === 'screen' && !muted)
  const sharing = find(screen?.participant_id ?? null)
  if (sharing) return { participant: sharing, source: 'screen' }
  const others = room.participants.filter(({ id }) => id !== room.me)
  const shown =
    others.find(({ id }) => id === speaker) ??
    others.find(({ role }) => role === 'lead') ??
    others[0] ??
    room.participants[0]
  return shown ? { participant: shown, source: 'camera' } : null
}

/** Whether somebody can be heard: their microphone is offered and not muted. */
export function isHeard(room: RoomState, participant: string): boolean {
  return publicationOf(room, participant, 'microphone')?.muted === false
}

const WIDE = 16 / 9
const LEAST_WIDTH = 150
/** Side by side is chosen before one above the other when it costs less than this share of size. */
const BESIDE = 0.92

/** How many columns make the largest 16:9 tiles; more rows than fit scroll once tiles get too small. */
export function columnsFor(count: number, width: number, height: number, gap: number): number {
  let best = { columns: 1, size: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns)
    const byWidth = (width - gap * (columns - 1)) / columns
    const byHeight = ((height - gap * (rows - 1)) / rows) * WIDE
    const size = Math.min(byWidth, byHeight)
    if (size > best.size * BESIDE) best = { columns, size: Math.max(size, best.size) }
  }
  if (best.size >= LEAST_WIDTH) return best.columns
  return Math.max(1, Math.min(count, Math.floor((width + gap) / (LEAST_WIDTH + gap))))
}
