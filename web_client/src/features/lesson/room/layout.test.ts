import { describe, expect, it } from 'vitest'
import type { PublicationView } from '../../../api/types'
import { ManualClock } from '../../../base/clock'
import { Scope } from '../../../base/scope'
import { Cell } from '../../../base/value'
import { NOBODY, type RoomState } from '../../../media/roomState'
import { person } from '../../../testing/room'
import { columnsFor, facesOf, isHeard, pageOf, roomFor, speakerOf, stageOf } from './layout'

const publication = (
  participant_id: string,
  source: PublicationView['source'],
  muted = false,
): PublicationView => ({
  id: `${participant_id}:${source}`,
  participant_id,
  source,
  kind: 'video',
  muted,
})
const room: RoomState = {
  ...NOBODY,
  me: 'misha',
  participants: [person('misha'), person('zere'), person('anna', { role: 'lead' }), person('timur')],
}

describe('stageOf', () => {
  const on = (state: RoomState, speaker = '', pinned: string | null = null) => {
    const shown = stageOf(state, speaker, pinned)
    return shown && `${shown.participant.id} ${shown.source}`
  }

  it('begins with the one who leads, then follows the speaker', () => {
    expect(on(room)).toBe('anna camera')
    expect(on(room, 'timur')).toBe('timur camera')
    expect(on(room, 'misha')).toBe('anna camera')
  })

  it('gives the stage to the newest shared screen, and a pinned face before it', () => {
    const sharing = {
      ...room,
      publications: [
        publication('anna', 'screen'),
        publication('zere', 'screen'),
        publication('timur', 'screen', true),
      ],
    }
    expect(on(sharing, 'timur')).toBe('zere screen')
    expect(on(sharing, 'timur', 'anna')).toBe('anna camera')
    expect(on(sharing, 'timur', 'gone')).toBe('zere screen')
  })

  it('follows the spotlight of the teacher, and one’s own pin before it', () => {
    const lit = { ...room, leading: { ...room.leading, spotlight: 'zere' } }
    expect(on(lit, 'timur')).toBe('zere camera')
    expect(on(lit, 'timur', 'anna')).toBe('anna camera')
  })

  it('shows nobody of another breakout', () => {
    const [misha, zere, anna, timur] = room.participants
    const away = { ...room, participants: [misha!, zere!, { ...anna!, place: 'b' }, timur!] }
    expect(on(away)).toBe('zere camera')
    expect(on({ ...away, publications: [publication('anna', 'screen')] })).toBe('zere camera')
  })

  it('shows oneself only when alone', () => {
    expect(on({ ...room, participants: [person('misha')] })).toBe('misha camera')
    expect(on({ ...room, participants: [] })).toBe(null)
  })
})

describe('speakerOf', () => {
  it('waits until another has gone on speaking', () => {
    const scope = new Scope()
    const clock = new ManualClock(0)
    const cell = new Cell(room)
    const speaker = speakerOf(scope, clock, cell)
    const speak = (...speaking: string[]) => cell.set({ ...cell.get(), speaking })
    speak('misha', 'zere')
    clock.advance(0)
    expect(speaker.get()).toBe('zere')
    speak('timur')
    clock.advance(1_000)
    speak('zere')
    clock.advance(5_000)
    expect(speaker.get()).toBe('zere')
    speak('timur')
    clock.advance(1_500)
    expect(speaker.get()).toBe('timur')
    speak()
    clock.advance(9_000)
    expect(speaker.get()).toBe('timur')
    cell.set({ ...cell.get(), participants: [person('misha')] })
    expect(speaker.get()).toBe('')
  })
})

describe('pages of faces', () => {
  const all = Array.from({ length: 30 }, (_, i) => i)

  it('hold so many, and the last what is left', () => {
    expect(pageOf(all, 0, 9)).toEqual({ items: all.slice(0, 9), number: 0, pages: 4 })
    expect(pageOf(all, 3, 9).items).toEqual([27, 28, 29])
  })

  it('do not run out when people leave', () => {
    expect(pageOf(all.slice(0, 10), 3, 9)).toEqual({ items: [9], number: 1, pages: 2 })
    expect(pageOf([], 2, 9)).toEqual({ items: [], number: 0, pages: 1 })
  })

  it('hold fewer where there is little room', () => {
    expect([roomFor(1200, 700, 8, 9), roomFor(390, 400, 8, 9), roomFor(1, 1, 8, 9)]).toEqual([
      9, 8, 1,
    ])
  })

  it('leave out who has no picture, but not oneself', () => {
    const seen = { ...room, publications: [publication('zere', 'camera')] }
    expect(facesOf(seen, true).map(({ id }) => id)).toEqual(['misha', 'zere'])
    expect(facesOf(seen, false)).toHaveLength(4)
  })
})

describe('columnsFor', () => {
  it.each([
    [1, 1200, 700, 1],
    [2, 1200, 700, 2],
    [4, 1200, 700, 2],
    [9, 1200, 700, 3],
    [26, 1400, 800, 6],
    [26, 390, 500, 2],
    [3, 390, 640, 1],
  ])('%i in %i × %i stand in %i columns', (count, width, height, columns) => {
    expect(columnsFor(count, width, height, 8)).toBe(columns)
  })
})

it('hears only those whose microphone is on', () => {
  const state = {
    ...room,
    publications: [publication('zere', 'microphone'), publication('anna', 'microphone', true)],
  }
  expect(['zere', 'anna', 'timur'].map((id) => isHeard(state, id))).toEqual([true, false, false])
})
