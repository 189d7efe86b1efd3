import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../base/clock'
import { Scope } from '../../../base/scope'
import en from '../../../locales/en.json'
import { browserOf, OwnLineModel, type Way, wayDown, type Ways, wayUp } from './ownWays'
import { letter, rowsOf } from './ownWaysText'

const UNKNOWN: Way = { loss: null, roundTrip: null, carries: null, waits: null }
const told = (part: Partial<Ways[number]> = {}): Ways[number] => ({
  way: 'down',
  known: true,
  connected: true,
  line: { estimate: 850_000, loss: 0.031, round_trip: 0.12, queueing_delay: 0.4 },
  counts: { packets: 10, bytes: 2_345_678, lost: null, repaired: 2, asked: 3, given_up: null },
  pictures: [],
  ...part,
})
const pair = (by: object = {}): [string, unknown] => [
  'pair',
  { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.05, ...by },
]
const inbound = (packetsReceived: number, packetsLost: number): [string, unknown] => [
  'in',
  { type: 'inbound-rtp', packetsReceived, packetsLost },
]

describe('what is known of the line', () => {
  it('is told up by the browser, the worst loss of all it sends', () => {
    const lost = (fractionLost: number, id: string): [string, unknown] => [
      id,
      { type: 'remote-inbound-rtp', fractionLost },
    ]
    const line = pair({ availableOutgoingBitrate: 1e6 })
    const said = wayUp(browserOf([lost(0.01, 'a'), lost(0.2, 'b'), line]))
    expect(said).toEqual({ loss: 0.2, roundTrip: 0.05, carries: 1e6, waits: null })
    expect(wayUp(browserOf([]))).toEqual(UNKNOWN)
  })

  it('is told down by the server, and by the browser where that does not say', () => {
    const before = browserOf([inbound(100, 0), pair()])
    const now = browserOf([inbound(190, 10), pair()])
    expect(wayDown(now, before, told())).toEqual({
      loss: 0.031,
      roundTrip: 0.12,
      carries: 850_000,
      waits: 0.4,
    })
    const itself = { loss: 0.1, roundTrip: 0.05, carries: null, waits: null }
    expect(wayDown(now, before, null)).toEqual(itself)
    expect(wayDown(now, before, told({ line: null }))).toEqual(itself)
    expect(wayDown(now, null, null).loss).toBeNull()
  })

  it('is read anew every two seconds, one reading at a time, until the window is closed', async () => {
    const [scope, clock] = [new Scope(), new ManualClock(0)]
    let asked = 0
    let answer: (ways: Ways) => void = () => undefined
    const model = new OwnLineModel(scope, clock, {
      peers: () => ({ up: null, down: { getStats: async () => new Map([pair()]) } as never }),
      askLines: () => {
        asked += 1
        return new Promise((resolve) => {
          answer = (ways) => resolve({ ways })
        })
      },
    })
    clock.advance(6_000)
    expect([asked, model.state.get()]).toEqual([1, null])
    answer([told({ way: 'up', known: false }), told()])
    await new Promise((next) => setTimeout(next))
    const down = { carries: 850_000 }
    expect(model.state.get()).toMatchObject({ up: null, down, told: { up: null } })
    clock.advance(2_000)
    expect(asked).toBe(2)
    scope.end()
    clock.advance(10_000)
    expect(asked).toBe(2)
  })

  it('says that it is not known when nobody answers', async () => {
    const [scope, clock] = [new Scope(), new ManualClock(0)]
    const model = new OwnLineModel(scope, clock, {
      peers: () => ({ up: null, down: null }),
      askLines: () => Promise.reject(new Error('cut')),
    })
    await new Promise((next) => setTimeout(next))
    const nothing = { up: null, down: null }
    expect(model.state.get()).toEqual({ ...nothing, told: nothing, at: 0 })
    scope.end()
  })
})

describe('in words', () => {
  beforeAll(() => i18next.init({ lng: 'en', resources: { en: { translation: en } } }))

  it('has a figure or says that there is none', () => {
    const figures = (way: Way) => rowsOf(i18next.t, way).map(([, figure]) => figure)
    const known = { loss: 0.031, roundTrip: 0.1204, carries: 850_000, waits: null }
    expect(figures(known)).toEqual(['3.1 %', '120 ms', '0.85 Mbit/s'])
    expect(new Set(figures(UNKNOWN))).toEqual(new Set(['not known']))
  })

  it('numbers the pictures and names nobody', () => {
    const pictures = [
      { publication_id: 'tr_secret:1', layer: 1, why: 'line' as const },
      { publication_id: 'tr_secret:2', layer: null, why: 'off' as const },
      { publication_id: 'tr_secret:3', layer: 2, why: null },
    ]
    const down = { loss: 0, roundTrip: 0.02, carries: 3e6, waits: 0.4 }
    const text = letter(i18next.t, {
      up: null,
      down,
      told: { up: null, down: told({ pictures }) },
      at: 0,
    })
    expect(text).not.toContain('secret')
    expect(text.split('\n')).toEqual([
      'Sabaq, 1970-01-01T00:00:00.000Z',
      'What you send',
      'What you receive',
      '  Lost on the way: 0.0 %',
      '  There and back: 20 ms',
      '  The line carries at least: 3.0 Mbit/s',
      '  Packets: 10',
      '  Asked for again: 3',
      '  Came again: 2',
      '  Received: 2.3 MB',
      '  Packets wait: 400 ms',
      '  Picture 1: size 2, because of the line',
      '  Picture 2: size 3',
    ])
  })
})
