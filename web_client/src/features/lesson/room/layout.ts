import type { Clock } from '../../../base/clock'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { personWith, publicationOf, together, type RoomState } from '../../../media/roomState'
import type { Person } from '../../../media/told'

/** `speaker`: one large, the others small beside. `grid`: all alike. `stage`: one, and nothing else. */
export const VIEWS = ['speaker', 'grid', 'stage'] as const
export type View = (typeof VIEWS)[number]
/** How many faces a page of the grid may have at the most. */
export const TILES = [4, 9, 16, 25] as const

/** What a stage shows: a shared screen, or a person. */
export interface OnStage {
  participant: Person
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

/** A pinned tile, else who is in the spotlight, else the newest shared screen, else the one who speaks,
 *  else the one who leads, else anybody; oneself only when alone. */
export function stageOf(room: RoomState, speaker: string, pinned: string | null): OnStage | null {
  const here = together(room)
  const find = (id: string | null) => here.find((participant) => participant.id === id)
  const chosen = find(pinned) ?? find(room.leading.spotlight)
  if (chosen) return { participant: chosen, source: 'camera' }
  const screen = room.publications.findLast(
    ({ source, muted, participant_id }) =>
      source === 'screen' && !muted && find(participant_id) !== undefined,
  )
  const sharing = find(screen?.participant_id ?? null)
  if (sharing) return { participant: sharing, source: 'screen' }
  const others = here.filter(({ id }) => id !== room.me)
  const shown =
    others.find(({ id }) => id === speaker) ??
    others.find(({ role }) => role === 'lead') ??
    others[0] ??
    personWith(room, room.me)
  return shown ? { participant: shown, source: 'camera' } : null
}

/** The faces to show, in an order in which nobody moves: as they came. `bright`: only those with a picture,
 *  and oneself. */
export function facesOf(room: RoomState, bright: boolean): readonly Person[] {
  const here = together(room)
  if (!bright) return here
  return here.filter(({ id }) => id === room.me || isSeen(room, id))
}

export interface Page<T> {
  items: readonly T[]
  /** From 0; the last there is when it was asked for a later one. */
  number: number
  pages: number
}

export function pageOf<T>(all: readonly T[], asked: number, size: number): Page<T> {
  const pages = Math.max(1, Math.ceil(all.length / size))
  const number = Math.max(0, Math.min(asked, pages - 1))
  return { items: all.slice(number * size, (number + 1) * size), number, pages }
}

/** Whether somebody can be seen: their camera is offered and not muted. */
export function isSeen(room: RoomState, participant: string): boolean {
  return publicationOf(room, participant, 'camera')?.muted === false
}

/** Whether somebody can be heard: their microphone is offered and not muted. */
export function isHeard(room: RoomState, participant: string): boolean {
  return publicationOf(room, participant, 'microphone')?.muted === false
}

const WIDE = 16 / 9
const LEAST_WIDTH = 150
/** Side by side is chosen before one above the other when it costs less than this share of size. */
const BESIDE = 0.92

/** How many tiles stand in a place of this size without getting too small. */
export function roomFor(width: number, height: number, gap: number, most: number): number {
  const columns = Math.max(1, Math.floor((width + gap) / (LEAST_WIDTH + gap)))
  const rows = Math.max(1, Math.floor((height + gap) / (LEAST_WIDTH / WIDE + gap)))
  return Math.max(1, Math.min(most, columns * rows))
}

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
