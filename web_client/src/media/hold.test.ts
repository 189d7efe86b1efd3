import { describe, expect, it } from 'vitest'
import { ManualClock } from '../base/clock'
import { Scope } from '../base/scope'
import { type Hold, holdAfter, Holds, NO_HOLD, type Trouble, troubleOf } from './hold'
import { type Counts, type Reading, watchQuality } from './quality'

const counts = (given: Partial<Counts>): Counts => ({
  ...{ received: 0, lost: 0, bytes: 0, asked: 0, frozen: 0, samples: 0, concealed: 0 },
  ...given,
})
const reading = (tracks: Record<string, Partial<Counts>>): Reading => ({
  ...{ received: 0, lost: 0, roundTrip: 0.15, lostOfOurs: 0, share: null, answers: 0 },
  tracks: new Map(Object.entries(tracks).map(([track, given]) => [track, counts(given)])),
})

describe('a hold', () => {
  const lossy: Trouble = { loss: 0.1, broken: false }
  const broken: Trouble = { loss: 0.1, broken: true }
  const fine: Trouble = { loss: 0, broken: false }
  const after = (hold: Hold, roundTrip: number, ...troubles: Trouble[]) =>
    troubles.reduce((now, trouble) => holdAfter(now, trouble, roundTrip), hold)
  const times = (count: number, trouble: Trouble) => Array<Trouble>(count).fill(trouble)

  it('is 1.7 round trips as soon as there is loss, a second at most', () => {
    expect(after(NO_HOLD, 0.15, { loss: 0.01, broken: true })).toEqual(NO_HOLD)
    expect(after(NO_HOLD, 0.15, lossy).target).toBe(280)
    expect(after(NO_HOLD, 3, lossy).target).toBe(1_000)
    expect(after(after(NO_HOLD, 0.15, lossy), 0.3, lossy).target).toBe(520)
  })

  it('grows where that is not enough, though not for ever', () => {
    const found = [1, 2, 3, 5, 20].map(
      (count) => after(NO_HOLD, 0.01, ...times(count, broken)).target,
    )
    expect(found).toEqual([40, 40, 160, 280, 600])
    expect(after(NO_HOLD, 0.5, ...times(9, broken)).target).toBe(880)
  })

  it('shrinks to what is needed while there is still loss, but slowly', () => {
    const long = after(NO_HOLD, 0.15, ...times(3, broken))
    const targets = [4, 5, 9, 10, 99].map((count) => after(long, 0.15, ...times(count, lossy)).target)
    expect(targets).toEqual([400, 360, 360, 320, 280])
  })

  it('stays through pauses of the loss, and is given back step by step once it has ended', () => {
    const held = after(NO_HOLD, 0.15, lossy)
    const little: Trouble = { loss: 0.01, broken: false }
    expect(after(held, 0.15, ...times(4, fine), little, ...times(4, fine)).target).toBe(280)
    const given = [4, 5, 6, 10, 11].map((count) => after(held, 0.15, ...times(count, fine)).target)
    expect(given).toEqual([280, 240, 200, 40, null])
    expect(after(held, 0.15, ...times(7, fine), lossy).target).toBe(280)
  })
})

describe('the trouble with a person', () => {
  it('is what was lost, or asked for again where it came on its own stream', () => {
    const before = counts({ received: 100, lost: 5, asked: 4 })
    const lost = counts({ received: 190, lost: 15, asked: 4 })
    expect(troubleOf([[before, lost]])).toEqual({ loss: 0.1, broken: false })
    const again = counts({ received: 190, lost: 5, asked: 14 })
    expect(troubleOf([[before, again]])).toEqual({ loss: 0.1, broken: false })
    expect(troubleOf([[before, counts({})]])).toEqual({ loss: 0, broken: false })
  })

  it('is seen when the picture stands still, and heard when sound is made up', () => {
    const broken = (now: Partial<Counts>) => troubleOf([[counts({}), counts(now)]]).broken
    expect([broken({ frozen: 1 }), broken({ samples: 1_000, concealed: 11 })]).toEqual([true, true])
    expect(broken({ samples: 1_000, concealed: 10 })).toBe(false)
  })
})

describe('holds', () => {
  const of = (participant: string, source: 'microphone' | 'camera') => ({ participant, source })
  const expected = new Map([
    ['voice', of('misha', 'microphone')],
    ['face', of('misha', 'camera')],
    ['other', of('zere', 'camera')],
  ])
  const before = reading({ voice: {}, face: {}, other: {} })

  it('are alike for sound and picture of a person, whose line it may be', () => {
    const now = reading({ voice: { received: 100 }, face: { received: 100, lost: 10 }, other: { received: 100 } })
    const targets = new Holds().after(before, now, expected, 0.01)
    expect([...targets]).toEqual([
      ['voice', 280],
      ['face', 280],
      ['other', null],
    ])
  })

  it('are for all when the line is ours, but for those of whom nothing is known yet', () => {
    const now = reading({ voice: { received: 9 }, other: { received: 9 }, new: { received: 9 } })
    const targets = new Holds().after(before, now, expected, 0.1)
    expect([...targets.values()]).toEqual([280, 280, null])
  })

  it('reach the receivers, in seconds where a browser has the older name', async () => {
    const clock = new ManualClock(0)
    const receivers = [
      { track: { id: 'voice' }, jitterBufferTarget: null },
      { track: { id: 'face' }, playoutDelayHint: null },
      { track: { id: 'other' }, jitterBufferTarget: null },
    ]
    let packets = 0
    const stats = (track: string, share: number) => ({
      ...{ type: 'inbound-rtp', trackIdentifier: track },
      ...{ packetsReceived: packets, nackCount: packets * share },
    })
    const peer = {
      getReceivers: () => receivers,
      getStats: async () => {
        packets += 900
        const line = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.15 }
        const all = [stats('voice', 0.1), stats('face', 0), stats('other', 0), line]
        return new Map<string, unknown>(all.map((one, place) => [String(place), one]))
      },
    } as unknown as RTCPeerConnection
    watchQuality(new Scope(), clock, { connections: () => [null, peer], heard: () => expected, meant: () => new Map() })
    for (let readings = 0; readings < 2; readings++) {
      clock.advance(2_000)
      for (let i = 0; i < 10; i++) await Promise.resolve()
    }
    expect(receivers).toMatchObject([
      { jitterBufferTarget: 280 },
      { playoutDelayHint: 0.28 },
      { jitterBufferTarget: null },
    ])
  })
})
