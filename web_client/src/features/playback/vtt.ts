import type { Said } from './story'

/** The captions as a WebVTT file, each with who said it. */
export function webVtt(captions: readonly Said[]): string {
  const cues = captions.map(
    ({ at, until, name, text }) => `${stamp(at)} --> ${stamp(Math.max(until, at + 0.5))}\n${voice(name)}${escaped(text)}`,
  )
  return ['WEBVTT', ...cues].join('\n\n') + '\n'
}

function voice(name: string): string {
  return name ? `<v ${escaped(name)}>` : ''
}

/** One line without what WebVTT would read as markup or as the end of a cue. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** `01:02:03.450` */
function stamp(seconds: number): string {
  const thousandths = Math.round(seconds * 1000)
  const part = (value: number, width: number) => String(value).padStart(width, '0')
  const whole = Math.floor(thousandths / 1000)
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return `${clock.map((one) => part(one, 2)).join(':')}.${part(thousandths % 1000, 3)}`
}
