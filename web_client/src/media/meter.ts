import { every, type Clock } from '../base/clock'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'

export const METER_STEPS = 9

/** How loud the microphone is now, 0 to 9, while `scope` lasts. */
export function meter(
  scope: Scope,
  clock: Clock,
  track: Value<{ track: MediaStreamTrack | null }>,
): Value<number> {
  const level = new Cell(0)
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  const samples = new Uint8Array(analyser.fftSize)
  let source: MediaStreamAudioSourceNode | null = null
  const plug = () => {
    source?.disconnect()
    const { track: now } = track.get()
    source = now ? context.createMediaStreamSource(new MediaStream([now])) : null
    source?.connect(analyser)
  }
  plug()
  scope.onEnd(track.watch(plug))
  // A browser may hold sound back until the page is touched.
  scope.listen(document, 'pointerdown', () => void context.resume())
  every(scope, clock, 80, () => {
    analyser.getByteTimeDomainData(samples)
    level.set(source ? loudness(samples) : 0)
  })
  scope.onEnd(() => void context.close())
  return level
}

/** Root mean square of samples around 128, on a decibel scale from -55 (0) to -10 (9). */
export function loudness(samples: Uint8Array): number {
  let sum = 0
  for (const sample of samples) sum += ((sample - 128) / 128) ** 2
  const decibel = 10 * Math.log10(sum / samples.length + 1e-9)
  return Math.max(0, Math.min(METER_STEPS, Math.round(((decibel + 55) / 45) * METER_STEPS)))
}

/** Plays two short tones on the chosen loudspeaker. Rejects when the browser refuses. */
export async function playTones(speaker: string): Promise<void> {
  const context = new AudioContext()
  const out = context.createMediaStreamDestination()
  const element = new Audio()
  element.srcObject = out.stream
  try {
    await directTo(element, speaker)
    await context.resume()
    await element.play()
    tone(context, out, 523, 0)
    await tone(context, out, 784, 0.3)
  } finally {
    element.srcObject = null
    void context.close()
  }
}

/** Sends the sound of an element to a loudspeaker, where the browser can. */
export async function directTo(element: HTMLMediaElement, speaker: string): Promise<void> {
  if ('setSinkId' in element) await element.setSinkId(speaker).catch(() => undefined)
}

function tone(context: AudioContext, out: AudioNode, hertz: number, after: number): Promise<void> {
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  const start = context.currentTime + after
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(0.25, start + 0.03)
  gain.gain.linearRampToValueAtTime(0, start + 0.45)
  oscillator.connect(gain).connect(out)
  oscillator.start(start)
  oscillator.stop(start + 0.5)
  return new Promise((resolve) => oscillator.addEventListener('ended', () => resolve()))
}
