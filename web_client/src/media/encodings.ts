import type { Source } from '../api/types'
import { TARGETS } from './quality'

/** As `RTCRtpEncodingParameters`; older browsers overlook the mode. */
export interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string
}

/** Pixels from which browsers make two, or three, sizes of a camera's picture; with more they leave some out. */
const TWO = 480 * 270
const THREE = 960 * 540
const SMALL = 150_000
const MIDDLE = 500_000
const LARGE = 1_500_000
/** A screen that can hardly be read at half its size has one layer only. */
const WIDE_SCREEN = 1280 * 720

/** What to send of a source whose picture has this size, the smallest layer first; a single one has no name.
 *  While data are saved it is as many layers (their number cannot change later), but only one of them is active. */
export function encodings(source: Source, width: number, height: number, sparing: boolean): Encoding[] {
  if (source === 'camera') return camera(width * height, sparing)
  if (source === 'screen') return screen(width * height, sparing)
  return [{ maxBitrate: TARGETS[source] }]
}

function camera(pixels: number, sparing: boolean): Encoding[] {
  const sizes: [string, number][] = [
    ['q', SMALL],
    ['h', MIDDLE],
    ['f', LARGE],
  ]
  const count = pixels >= THREE ? 3 : pixels >= TWO ? 2 : 1
  const common = { maxFramerate: sparing ? 15 : 24, scalabilityMode: 'L1T3' }
  if (count === 1) return [{ ...common, maxBitrate: SMALL, scaleResolutionDownBy: sparing ? 2 : 1 }]
  return sizes.slice(0, count).map(([rid, maxBitrate], place) => ({
    ...{ ...common, rid, maxBitrate },
    scaleResolutionDownBy: 2 ** (count - 1 - place),
    active: !sparing || place === 0,
  }))
}

/** A screen gives up movement rather than sharpness. */
function screen(pixels: number, sparing: boolean): Encoding[] {
  const large = { maxBitrate: sparing ? 800_000 : TARGETS.screen, maxFramerate: sparing ? 5 : 15 }
  const full: Encoding = { ...large, scaleResolutionDownBy: 1, scalabilityMode: 'L1T1' }
  if (pixels < WIDE_SCREEN) return [full]
  const half = { rid: 'q', maxBitrate: 250_000, maxFramerate: 5, scaleResolutionDownBy: 2, active: !sparing }
  return [
    { ...half, scalabilityMode: 'L1T1' },
    { ...full, rid: 'f', active: true },
  ]
}
