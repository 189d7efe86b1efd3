import type { Source } from '../api/types'

const SPEECH = { useinbandfec: '1', usedtx: '1' }
const MUSIC = { useinbandfec: '1', stereo: '1', 'sprop-stereo': '1', maxaveragebitrate: '96000' }

/** Writes into an answer how we shall encode Opus: the sender follows what the far side asks for
 *  (RFC 7587, section 7). Speech: lost packets can be rebuilt, silence costs nothing. */
export function tuneOpus(sdp: string, sources: ReadonlyMap<string, Source>): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => tuneSection(section, sources))
    .join('')
}

/** The sections of an offer in which we send. */
export function sendingMids(sdp: string): ReadonlySet<string> {
  const mids = new Set<string>()
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1]
    if (mid !== undefined && /^a=send(only|recv)\s*$/m.test(section)) mids.add(mid)
  }
  return mids
}

function tuneSection(section: string, sources: ReadonlyMap<string, Source>): string {
  const mid = /^a=mid:(\S+)/m.exec(section)?.[1]
  const payload = /^a=rtpmap:(\d+) opus\/48000/im.exec(section)?.[1]
  if (!section.startsWith('m=audio') || !mid || !payload) return section
  const wanted = sources.get(mid) === 'screen_sound' ? MUSIC : SPEECH
  const line = new RegExp(`^a=fmtp:${payload} (.*)$`, 'm')
  const asked = line.exec(section)?.[1]?.trim()
  const written = `a=fmtp:${payload} ${merge(asked ?? '', wanted)}`
  if (asked !== undefined) return section.replace(line, written)
  return section.replace(/^(a=rtpmap:\d+ opus\/48000.*)$/im, `$1\r\n${written}`)
}

function merge(asked: string, wanted: Record<string, string>): string {
  const settings = new Map<string, string>()
  for (const part of asked.split(';')) {
    const [name, value] = part.trim().split('=')
    if (name) settings.set(name, value ?? '')
  }
  for (const [name, value] of Object.entries(wanted)) settings.set(name, value)
  return [...settings].map(([name, value]) => (value ? `${name}=${value}` : name)).join(';')
}
