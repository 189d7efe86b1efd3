import type { Source } from '../api/types'
import { TARGETS } from './quality'

/** As `RTCRtpEncodingParameters`; older browsers overlook the mode. */
export interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string
}

/** What gives way first when the line is narrow. */
export type GivesWay = RTCRtpSendParameters['degradationPreference']

/** Pixels from which browsers make two, or three, sizes of a camera's picture; with more they leave some out. */
const TWO = 480 * 270
const THREE = 960 * 540
const RATES: readonly [string, number][] = [
  ['q', 150_000],
  ['h', 500_000],
  ['f', 1_500_000],
]
/** A screen that can hardly be read at half its size has one layer only. */
const WIDE_SCREEN = 1280 * 720

/** What to send of a source whose picture has this size, the smallest layer first; a single one has no name. Their
 *  number cannot change later: while data are saved, or fewer are `needed`, the others are not active. */
export function encodings(
  source: Source,
  width: number,
  height: number,
  sparing: boolean,
  needed = Infinity,
): Encoding[] {
  if (source === 'camera') return camera(width * height, sparing, needed)
  if (source === 'screen') return screen(width * height, sparing, needed)
  return [{ maxBitrate: TARGETS[source] }]
}

function camera(pixels: number, sparing: boolean, needed: number): Encoding[] {
  const count = pixels >= THREE ? 3 : pixels >= TWO ? 2 : 1
  const common = { maxFramerate: sparing ? 15 : 24, scalabilityMode: 'L1T3' }
  if (count === 1) {
    const maxBitrate = sparing ? RATES[0]![1] : TARGETS.camera
    return [{ ...common, maxBitrate, scaleResolutionDownBy: sparing ? 2 : 1 }]
  }
  return RATES.slice(0, count).map(([rid, maxBitrate], place) => ({
    ...{ ...common, rid, maxBitrate },
    scaleResolutionDownBy: 2 ** (count - 1 - place),
    active: place < (sparing ? 1 : needed),
  }))
}

/** A screen gives up movement rather than sharpness. */
function screen(pixels: number, sparing: boolean, needed: number): Encoding[] {
  const large = { maxBitrate: sparing ? 800_000 : TARGETS.screen, maxFramerate: sparing ? 5 : 15 }
  const full = { ...large, scaleResolutionDownBy: 1, scalabilityMode: 'L1T1' }
  if (pixels < WIDE_SCREEN) return [full]
  const half = { rid: 'q', maxBitrate: 250_000, maxFramerate: 5, scaleResolutionDownBy: 2, active: !sparing }
  return [
    { ...half, scalabilityMode: 'L1T1' },
    { ...full, rid: 'f', active: sparing || needed > 1 },
  ]
}

/** A line that sends a track by the first of the wishes that this browser takes, without modes if need be. */
export function lineFor(
  peer: RTCPeerConnection,
  track: MediaStreamTrack,
  wishes: readonly Encoding[][],
): RTCRtpTransceiver {
  const plain = (layers: Encoding[]) => layers.map((one) => ({ ...one, scalabilityMode: undefined }))
  let refused: unknown
  for (const sendEncodings of wishes.flatMap((layers) => [layers, plain(layers)])) {
    try {
      return peer.addTransceiver(track, { direction: 'sendonly', sendEncodings })
    } catch (error) {
      refused = error
    }
  }
  throw refused
}

const TUNED = ['active', 'maxBitrate', 'maxFramerate', 'scaleResolutionDownBy'] as const

/** Sends so from now on. Encodings are known by their place: not every browser says their names. */
export async function tune(sender: RTCRtpSender, wish: readonly Encoding[], givesWay?: GivesWay): Promise<void> {
  const parameters = sender.getParameters()
  const before = JSON.stringify(parameters)
  parameters.encodings?.forEach((encoding, place) => {
    const how = wish[place]
    for (const key of TUNED) if (how && key in how) Object.assign(encoding, { [key]: how[key] })
  })
  if (givesWay) parameters.degradationPreference = givesWay
  // Not every browser knows all of it; sending goes on without.
  if (JSON.stringify(parameters) !== before) await sender.setParameters(parameters).catch(() => undefined)
}
