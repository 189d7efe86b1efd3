/** Bytes of UTF-8: the longest name that file systems have, and that the server takes. */
export const LONGEST = 255
const LONGEST_ENDING = 20

/** A file's name as it is sent: cut but for its ending, between two letters as a person sees them. */
export function sentName(name: string, most = LONGEST): string {
  const whole = new TextDecoder().decode(new TextEncoder().encode(name)) // half a pair of letters becomes a sign
  if (bytesOf(whole) <= most) return whole
  const dot = whole.lastIndexOf('.')
  const ending = dot > 0 && bytesOf(whole.slice(dot)) <= LONGEST_ENDING ? whole.slice(dot) : ''
  let stem = ''
  let left = most - bytesOf(ending)
  for (const { segment } of new Intl.Segmenter().segment(whole.slice(0, most))) {
    left -= bytesOf(segment)
    if (left < 0) break
    stem += segment
  }
  return (stem || 'file') + ending
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
