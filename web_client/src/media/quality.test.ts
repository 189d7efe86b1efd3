import { describe, expect, it } from 'vitest'
import { loudness } from './meter'
import { bufferFor, isWeak, lossBetween, readingOf } from './quality'

describe('quality', () => {
  it('sums what came in over all connections', () => {
    const down = [
      ['a', { type: 'inbound-rtp', packetsReceived: 100, packetsLost: 3 }],
      ['b', { type: 'inbound-rtp', packetsReceived: 50, packetsLost: 1 }],
      ['c', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.08 }],
      ['d', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
    ] as [string, unknown][]
    expect(readingOf([down, []])).toEqual({ received: 150, lost: 4, roundTrip: 0.08 })
  })

  it('measures loss between two readings, and bears a new connection', () => {
    const before = { received: 100, lost: 0, roundTrip: 0 }
    expect(lossBetween(before, { received: 190, lost: 10, roundTrip: 0 })).toBeCloseTo(0.1)
    expect(lossBetween(before, { received: 5, lost: 0, roundTrip: 0 })).toBe(0)
  })

  it('calls a line weak by loss or by slowness', () => {
    expect([isWeak(0.06, 0), isWeak(0, 0.6), isWeak(0.04, 0.4)]).toEqual([true, true, false])
  })

  it('asks for 1.7 round trips under loss, half a second at most', () => {
    expect([bufferFor(0.01, 0.15), bufferFor(0.1, 0.15), bufferFor(0.1, 1)]).toEqual([
      null,
      255,
      500,
    ])
  })
})

describe('loudness', () => {
  it('is nothing in silence and everything in a shout', () => {
    expect(loudness(new Uint8Array(64).fill(128))).toBe(0)
    expect(loudness(Uint8Array.from({ length: 64 }, (_, i) => (i % 2 ? 255 : 1)))).toBe(9)
  })
})
