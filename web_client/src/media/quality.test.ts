import { describe, expect, it } from 'vitest'
import { loudness } from './meter'
import { bufferFor, gradeOf, isWeak, linesBetween, lossBetween, readingOf } from './quality'

describe('quality', () => {
  it('sums what came in over all connections', () => {
    const down = [
      ['a', { type: 'inbound-rtp', trackIdentifier: 'x', packetsReceived: 100, packetsLost: 3 }],
      ['b', { type: 'inbound-rtp', trackIdentifier: 'y', packetsReceived: 50, packetsLost: 1 }],
      ['e', { type: 'remote-inbound-rtp', fractionLost: 0.04 }],
      ['c', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.08 }],
      ['d', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
    ] as [string, unknown][]
    expect(readingOf([down, []])).toEqual({
      received: 150,
      lost: 4,
      roundTrip: 0.08,
      lostOfOurs: 0.04,
      tracks: new Map([
        ['x', { received: 100, lost: 3 }],
        ['y', { received: 50, lost: 1 }],
      ]),
    })
  })

  it('measures loss between two readings, and bears a new connection', () => {
    const before = { received: 100, lost: 0 }
    expect(lossBetween(before, { received: 190, lost: 10 })).toBeCloseTo(0.1)
    expect(lossBetween(before, { received: 5, lost: 0 })).toBe(0)
  })

  it('calls a line weak by loss or by slowness', () => {
    expect([isWeak(0.06, 0), isWeak(0, 0.6), isWeak(0.04, 0.4)]).toEqual([true, true, false])
  })

  it('grades a line by its loss', () => {
    expect([0, 0.059, 0.06, 0.079, 0.08, 0.5].map(gradeOf)).toEqual([
      'good',
      'good',
      'fair',
      'fair',
      'poor',
      'poor',
    ])
  })

  it('blames the line of another only when it is worse than all together', () => {
    const reading = (x: [number, number], y: [number, number]) => ({
      ...{ received: x[0] + y[0], lost: x[1] + y[1], roundTrip: 0, lostOfOurs: 0 },
      tracks: new Map([
        ['x', { received: x[0], lost: x[1] }],
        ['y', { received: y[0], lost: y[1] }],
      ]),
    })
    const heard = new Map([
      ['x', 'misha'],
      ['y', 'zere'],
    ])
    const start = reading([100, 0], [100, 0])
    const theirs = reading([190, 10], [200, 0])
    expect([...linesBetween(start, theirs, heard, 0.05)]).toEqual([['misha', 'poor']])
    const ours = reading([190, 10], [190, 10])
    expect([...linesBetween(start, ours, heard, 0.1)]).toEqual([])
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
