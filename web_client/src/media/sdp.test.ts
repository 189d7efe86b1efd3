import { expect, it } from 'vitest'
import { sendingMids, tuneOpus } from './sdp'

const section = (mid: string, fmtp: string) =>
  [
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    `a=mid:${mid}`,
    'a=rtpmap:111 opus/48000/2',
    ...(fmtp ? [`a=fmtp:111 ${fmtp}`] : []),
    'a=recvonly',
    '',
  ].join('\r\n')

it('asks for error correction and silence in speech, stereo in the sound of a screen', () => {
  const sdp = `v=0\r\n${section('0', 'minptime=10;useinbandfec=0')}${section('2', '')}m=video 9 X 96\r\na=mid:1\r\n`
  const tuned = tuneOpus(
    sdp,
    new Map([
      ['0', 'microphone'],
      ['2', 'screen_sound'],
    ]),
  )
  expect(tuned).toContain('a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n')
  expect(tuned).toContain(
    'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1;stereo=1;sprop-stereo=1;maxaveragebitrate=96000\r\n',
  )
  expect(tuned).toContain('m=video 9 X 96\r\na=mid:1\r\n')
  expect(tuned.startsWith('v=0\r\nm=audio')).toBe(true)
})

it('finds the sections in which we send', () => {
  const lines = (mid: number, way: string) => `m=video 9 X 96\r\na=mid:${mid}\r\na=${way}\r\n`
  const sdp = `v=0\r\n${lines(0, 'sendonly')}${lines(1, 'inactive')}${lines(2, 'sendrecv')}`
  expect([...sendingMids(sdp)]).toEqual(['0', '2'])
})

it('leaves what is not Opus alone', () => {
  const sdp = 'v=0\r\nm=audio 9 X 0\r\na=mid:0\r\na=rtpmap:0 PCMU/8000\r\n'
  expect(tuneOpus(sdp, new Map())).toBe(sdp)
})
