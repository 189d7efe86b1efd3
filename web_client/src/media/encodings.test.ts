import { describe, expect, it } from 'vitest'
import { type Encoding, encodings, lineFor, tune } from './encodings'

const told = (made: Encoding[]) =>
  made.map((each) => [each.rid, each.maxBitrate, each.scaleResolutionDownBy, each.active ?? true])

describe('encodings', () => {
  it('gives a large camera three layers, the smallest first', () => {
    const three = [
      ['q', 150_000, 4, true],
      ['h', 500_000, 2, true],
      ['f', 1_500_000, 1, true],
    ]
    expect(told(encodings('camera', 1280, 720, false))).toEqual(three)
    expect(told(encodings('camera', 540, 960, false))).toEqual(three)
  })

  it('gives a small camera fewer', () => {
    expect(told(encodings('camera', 640, 360, false))).toEqual([
      ['q', 150_000, 2, true],
      ['h', 500_000, 1, true],
    ])
    expect(told(encodings('camera', 320, 240, false))).toEqual([[undefined, 700_000, 1, true]])
    expect(told(encodings('camera', 0, 0, true))).toEqual([[undefined, 150_000, 2, true]])
  })

  it('keeps the number of layers while data are saved, and sends one', () => {
    for (const [width, height] of [
      [1280, 720],
      [640, 360],
      [320, 180],
      [1920, 1080],
    ] as const) {
      for (const source of ['camera', 'screen'] as const) {
        const [usual, spared] = [false, true].map((sparing) => encodings(source, width, height, sparing))
        expect(spared!.map((each) => each.rid)).toEqual(usual!.map((each) => each.rid))
        expect(spared!.filter((each) => each.active ?? true)).toHaveLength(1)
        expect(usual!.every((each) => each.active ?? true)).toBe(true)
      }
    }
    expect(told(encodings('camera', 1280, 720, true))[0]).toEqual(['q', 150_000, 4, true])
  })

  it('sends a screen in full size whatever happens', () => {
    expect(told(encodings('screen', 1920, 1080, false))).toEqual([
      ['q', 250_000, 2, true],
      ['f', 2_500_000, 1, true],
    ])
    expect(told(encodings('screen', 1920, 1080, true))[1]).toEqual(['f', 800_000, 1, true])
    expect(told(encodings('screen', 800, 600, false))).toEqual([[undefined, 2_500_000, 1, true]])
  })

  it('sends no layers that nobody needs, and the smallest always', () => {
    const active = (source: 'camera' | 'screen', needed: number) =>
      encodings(source, 1920, 1080, false, needed).map((each) => each.active)
    expect(active('camera', 2)).toEqual([true, true, false])
    expect(active('camera', 1)).toEqual([true, false, false])
    expect(active('screen', 1)).toEqual([true, false])
    expect(encodings('screen', 1920, 1080, true, 1).map((each) => each.active)).toEqual([false, true])
  })

  it('has one layer for sound', () => {
    expect(encodings('microphone', 0, 0, true)).toEqual([{ maxBitrate: 40_000 }])
  })
})

it('is content with one size where a browser refuses more', () => {
  const asked: number[] = []
  const peer = {
    addTransceiver: (_: unknown, { sendEncodings }: { sendEncodings: Encoding[] }) => {
      asked.push(sendEncodings.length)
      if (sendEncodings.length > 1 || sendEncodings[0]!.scalabilityMode) throw new TypeError('layers')
      return 'line'
    },
  } as unknown as RTCPeerConnection
  const track = {} as MediaStreamTrack
  const layers = encodings('camera', 1280, 720, false)
  expect(lineFor(peer, track, [layers, encodings('camera', 0, 0, false)])).toBe('line')
  expect(asked).toEqual([3, 3, 1, 1])
  expect(() => lineFor(peer, track, [layers])).toThrow('layers')
})

it('changes encodings by their place, and only what is another', async () => {
  const given = [{ maxBitrate: 1 }, { maxBitrate: 2, active: true }] as Encoding[]
  const set: unknown[] = []
  const sender = {
    getParameters: () => ({ encodings: given.map((each) => ({ ...each })) }),
    setParameters: async ({ encodings }: { encodings: Encoding[] }) => {
      set.push(encodings)
      Object.assign(given, encodings)
    },
  } as unknown as RTCRtpSender
  const wish = encodings('screen', 1920, 1080, false, 1)
  await tune(sender, wish)
  await tune(sender, wish)
  expect(set).toHaveLength(1)
  expect(given.map(({ rid, maxBitrate, active }) => [rid, maxBitrate, active])).toEqual([
    [undefined, 250_000, true],
    [undefined, 2_500_000, false],
  ])
})
