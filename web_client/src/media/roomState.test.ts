import { describe, expect, it } from 'vitest'
import type { Entered, ParticipantView, PublicationView } from '../api/types'
import { applySignal, entered, publicationOf, type RoomState } from './roomState'

const person = (id: string, more: Partial<ParticipantView> = {}): ParticipantView => ({
  id,
  person_id: `person_${id}`,
  name: id,
  role: 'join',
  connected: true,
  ...more,
})
const publication = (id: string, participant_id: string): PublicationView => ({
  id,
  participant_id,
  source: 'camera',
  kind: 'video',
  muted: false,
})
const snapshot: Entered = {
  room_id: 'room_1',
  participant_id: 'anna',
  version: 4,
  may: { publish: ['microphone', 'camera'], moderate: false },
  participants: [person('anna', { role: 'lead' }), person('misha')],
  publications: [publication('tr_1:0', 'misha')],
}
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id)
const must = (state: RoomState | 'gap'): RoomState => {
  if (state === 'gap') throw new Error('gap')
  return state
}

describe('applySignal', () => {
  const room = entered(snapshot)

  it('takes the next version', () => {
    const next = must(
      applySignal(room, {
        name: 'participant_entered',
        body: { version: 5, participant: person('zere') },
      }),
    )
    expect(ids(next.participants)).toEqual(['anna', 'misha', 'zere'])
    expect(next.version).toBe(5)
  })

  it('passes over what the snapshot already held', () => {
    const old = { version: 4, participant_id: 'misha' }
    expect(applySignal(room, { name: 'participant_left', body: old })).toBe(room)
  })

  it('asks for a new snapshot after a gap', () => {
    const far = { version: 6, participant_id: 'misha' }
    expect(applySignal(room, { name: 'participant_left', body: far })).toBe('gap')
  })

  it('takes what a participant published away with them', () => {
    const gone = { version: 5, participant_id: 'misha' }
    const next = must(applySignal(room, { name: 'participant_left', body: gone }))
    expect(ids(next.participants)).toEqual(['anna'])
    expect(next.publications).toEqual([])
  })

  it('keeps the place of whoever changes, so that the grid does not move', () => {
    const changed = { version: 5, participant: person('anna', { connected: false }) }
    const next = must(applySignal(room, { name: 'participant_changed', body: changed }))
    expect(ids(next.participants)).toEqual(['anna', 'misha'])
    expect(next.participants[0]?.connected).toBe(false)
  })

  it('adds, changes and removes publications', () => {
    const added = must(
      applySignal(room, {
        name: 'publication_added',
        body: { version: 5, publication: publication('tr_2:0', 'misha') },
      }),
    )
    expect(publicationOf(added, 'misha', 'camera')?.id).toBe('tr_2:0')
    const muted = must(
      applySignal(added, {
        name: 'publication_changed',
        body: { version: 6, publication: { ...publication('tr_2:0', 'misha'), muted: true } },
      }),
    )
    expect(publicationOf(muted, 'misha', 'camera')?.muted).toBe(true)
    const removed = must(
      applySignal(muted, {
        name: 'publication_removed',
        body: { version: 7, publication_id: 'tr_2:0' },
      }),
    )
    expect(ids(removed.publications)).toEqual(['tr_1:0'])
  })

  it('takes speaking without a version', () => {
    const next = must(applySignal(room, { name: 'speaking', body: { participant_ids: ['misha'] } }))
    expect([next.speaking, next.version]).toEqual([['misha'], 4])
  })
})
