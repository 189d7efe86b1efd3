import { describe, expect, it } from 'vitest'
import type { PublicationView } from '../api/types'
import { found, person } from '../testing/room'
import {
  applySignal,
  entered,
  maySend,
  publicationOf,
  raisedHands,
  type RoomState,
  together,
} from './roomState'

const publication = (id: string, participant_id: string): PublicationView => ({
  id,
  participant_id,
  source: 'camera',
  kind: 'video',
  muted: false,
})
const snapshot = found('anna', {
  version: 4,
  may: { publish: ['microphone', 'camera'], moderate: false },
  participants: [person('anna', { role: 'lead' }), person('misha')],
  publications: [publication('tr_1:0', 'misha')],
})
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

describe('how a room is led', () => {
  const room = entered(
    found('misha', {
      may: { publish: ['microphone', 'camera', 'screen'], moderate: false },
      participants: [
        person('anna', { role: 'lead' }),
        person('misha', { hand_at: 30 }),
        person('zere', { hand_at: 20 }),
        person('timur', { place: 'b1', help: true }),
      ],
      publications: [publication('tr_1:0', 'misha'), publication('tr_2:0', 'zere')],
    }),
  )
  const then = (name: string, body: object) =>
    must(applySignal(room, { name, body: { version: 2, ...body } } as never))

  it('keeps hands in the order in which they went up', () => {
    expect(ids(raisedHands(room))).toEqual(['zere', 'misha'])
    const lowered = then('hands_lowered', { participant_ids: ['zere'] })
    expect(ids(raisedHands(lowered))).toEqual(['misha'])
  })

  it('takes rights of many at once, and what may be sent follows', () => {
    expect(maySend(room)).toEqual(['microphone', 'camera', 'screen'])
    const rights = { speak: false, show: true, share: false, write: true }
    const next = then('rights_changed', { participant_ids: ['misha', 'zere'], rights })
    expect(maySend(next)).toEqual(['camera'])
    const second = must(
      applySignal(next, {
        name: 'participant_changed',
        body: { version: 3, participant: person('misha', { rights, second: true }) },
      }),
    )
    expect(maySend(second)).toEqual(['microphone', 'camera', 'screen'])
  })

  it('shows only who is in the same place, and a move ends a call for help', () => {
    expect(ids(together(room))).toEqual(['anna', 'misha', 'zere'])
    const back = then('places_changed', { participant_ids: ['timur'], place: 'main' })
    expect(ids(together(back))).toEqual(['anna', 'misha', 'zere', 'timur'])
    expect(back.participants[3]).toMatchObject({ place: 'main', help: false })
  })

  it('mutes many at once', () => {
    const next = then('publications_muted', { publication_ids: ['tr_2:0'] })
    expect(next.publications.map(({ muted }) => muted)).toEqual([false, true])
  })

  it('hears of the lobby without a version', () => {
    const waiting = [{ participant_id: 'aru', name: 'Aru', since: 1 }]
    const next = must(applySignal(room, { name: 'waiting_changed', body: { waiting } }))
    expect([next.inLobby, next.version]).toEqual([waiting, 1])
  })
})
