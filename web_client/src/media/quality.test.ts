import { describe, expect, it } from 'vitest'
import { loudness } from './meter'
import { type Counts, gradeOf, linesBetween, lossBetween, readingOf, Silence, weakOf } from './quality'

const counts = (given: Partial<Counts>): Counts => ({
  ...{ received: 0, lost: 0, bytes: 0, asked: 0, frozen: 0, samples: 0, concealed: 0 },
  ...given,
})

describe('quality', () => {
  it('sums what came in over all connections', () => {
    const sound = { nackCount: 6, totalSamplesReceived: 960, concealedSamples: 9, silentConcealedSamples: 5 }
    const down = [
      ['a', { type: 'inbound-rtp', trackIdentifier: 'x', packetsReceived: 100, packetsLost: 3, freezeCount: 2 }],
      ['f', { type: 'outbound-rtp', qualityLimitationReason: 'bandwidth', targetBitrate: 70_000 }],
      ['g', { type: 'outbound-rtp', mid: '2', qualityLimitationReason: 'none', targetBitrate: 7_000 }],
      ['b', { type: 'inbound-rtp', trackIdentifier: 'y', packetsReceived: 50, packetsLost: 1, ...sound }],
      ['e', { type: 'remote-inbound-rtp', fractionLost: 0.04 }],
      ['c', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.08, responsesReceived: 7 }],
      ['d', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
    ] as [string, unknown][]
    expect(readingOf([down, []])).toEqual({
      received: 150,
      lost: 4,
      roundTrip: 0.08,
      lostOfOurs: 0.04,
      share: 0.1,
      answers: 7,
      tracks: new Map([
        ['x', counts({ received: 100, lost: 3, frozen: 2 })],
        ['y', counts({ received: 50, lost: 1, asked: 6, samples: 960, concealed: 4 })],
      ]),
    })
  })

  it('takes all layers of a picture together, and those that are not sent for none', () => {
    const layer = (targetBitrate: number, limited = true, more = {}) => ({
      ...{ type: 'outbound-rtp', mid: '1', targetBitrate, ...more },
      qualityLimitationReason: limited ? 'bandwidth' : 'none',
    })
    const share = (...layers: object[]) =>
      readingOf([layers.map((one, place) => [String(place), one] as [string, unknown])], meant).share
    const meant = new Map([['1', 2_150_000]])
    expect(share(layer(150_000, false), layer(0))).toBeCloseTo(150 / 700)
    expect(share(layer(150_000, false), layer(500_000, false), layer(300_000))).toBe(1)
    expect(share(layer(150_000, false), layer(0, true, { active: false }))).toBe(null)
    meant.set('1', 150_000)
    expect(share(layer(75_000))).toBe(0.5)
  })

  it('measures loss between two readings, and bears a new connection', () => {
    const before = { received: 100, lost: 0 }
    expect(lossBetween(before, { received: 190, lost: 10 })).toBeCloseTo(0.1)
    expect(lossBetween(before, { received: 5, lost: 0 })).toBe(0)
  })

  it('says which way our line is weak: what others suffer from comes first', () => {
    const fine = { ...{ received: 0, lost: 0, roundTrip: 0.1, lostOfOurs: 0, share: null, answers: 1 } }
    const line = { ...fine, tracks: new Map() }
    expect(weakOf(line, 0)).toBe(null)
    expect(weakOf(line, 0.06)).toBe('down')
    expect(weakOf({ ...line, roundTrip: 0.6 }, 0)).toBe('down')
    expect(weakOf({ ...line, lostOfOurs: 0.06 }, 0.2)).toBe('up')
    expect([0.29, 0.3].map((share) => weakOf({ ...line, share }, 0))).toEqual(['up', null])
  })

  it("grades a line by Jitsi's rule: by its loss or by the bits that come, whichever is kinder", () => {
    const byLoss = [0, 0.059, 0.06, 0.079, 0.08, 0.5].map((loss) => gradeOf(loss))
    expect(byLoss).toEqual(['good', 'good', 'fair', 'fair', 'poor', 'poor'])
    const byBits = [0.5, 0.49, 0.3, 0.29].map((share) => gradeOf(0.2, share))
    expect(byBits).toEqual(['good', 'fair', 'fair', 'poor'])
  })

  it('takes a line for lost after three seconds without a packet, while the server answers', () => {
    const reading = (received: number, answers: number) => ({
      ...{ received, lost: 0, roundTrip: 0, lostOfOurs: 0, share: null, answers },
      tracks: new Map([['x', counts({ received, lost: 0 })]]),
    })
    const expected = new Map([['x', { participant: 'misha', source: 'microphone' as const }]])
    const silence = new Silence()
    expect([...silence.since(reading(10, 1), expected, 0)]).toEqual([])
    expect([...silence.since(reading(10, 2), expected, 2_000)]).toEqual([])
    expect([...silence.since(reading(10, 2), expected, 4_000)]).toEqual(['misha'])
    expect([...silence.since(reading(11, 3), expected, 6_000)]).toEqual([])
    expect([...silence.since(reading(11, 3), expected, 10_000)]).toEqual([]) // it is our own line
    expect([...silence.since(reading(11, 9), new Map(), 12_000)]).toEqual([]) // they turned it off
    const lines = linesBetween(reading(1, 1), reading(9, 2), expected, 0, new Set(['misha']))
    expect([...lines]).toEqual([['misha', 'lost']])
  })

  it('blames the line of another only when it is worse than all together', () => {
    const reading = (x: [number, number], y: [number, number]) => ({
      ...{ received: x[0] + y[0], lost: x[1] + y[1], roundTrip: 0, lostOfOurs: 0 },
      ...{ share: null, answers: 1 },
      tracks: new Map([
        ['x', counts({ received: x[0], lost: x[1] })],
        ['y', counts({ received: y[0], lost: y[1] })],
      ]),
    })
    const heard = new Map([
      ['x', { participant: 'misha', source: 'microphone' as const }],
      ['y', { participant: 'zere', source: 'microphone' as const }],
    ])
    const start = reading([100, 0], [100, 0])
    const theirs = reading([190, 10], [200, 0])
    expect([...linesBetween(start, theirs, heard, 0.05)]).toEqual([['misha', 'poor']])
    const ours = reading([190, 10], [190, 10])
    expect([...linesBetween(start, ours, heard, 0.1)]).toEqual([])
  })
})

describe('loudness', () => {
  it('is nothing in silence and everything in a shout', () => {
    expect(loudness(new Uint8Array(64).fill(128))).toBe(0)
    expect(loudness(Uint8Array.from({ length: 64 }, (_, i) => (i % 2 ? 255 : 1)))).toBe(9)
  })
})
