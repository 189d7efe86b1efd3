import { describe, expect, it } from 'vitest'
import { Link } from '../api/link'
import { ManualClock } from '../base/clock'
import { Scope } from '../base/scope'
import { FakeSocket } from '../testing/fakeSocket'
import { Watching, wishes } from './watching'

const pictures = [
  { id: 'a', source: 'camera' as const },
  { id: 'b', source: 'camera' as const },
  { id: 's', source: 'screen' as const },
]
/** As in media/share.py. */
const ENOUGH = 0.8
const at = (publication: string, height: number) => ({ publication, height })

describe('wishes', () => {
  const nothing = new Set<string>()

  it('asks for what is in sight, as large as it is shown at the largest', () => {
    const places = [at('a', 200), at('a', 600), at('b', 0)]
    expect(wishes(pictures, places, nothing, 'all', false)).toEqual({
      a: 720,
      b: 0,
      s: 0,
    })
  })

  it('asks by steps, so that a window that is drawn larger does not ask at each pixel', () => {
    const asked = (height: number) => wishes(pictures, [at('a', height)], nothing, 'all', false).a
    expect([1, 90, 91, 361, 441, 4000].map(asked)).toEqual([90, 90, 180, 440, 720, 1080])
  })

  it('asks for no more than is enough where a picture is a little larger than a layer', () => {
    const asked = [200, 400].map((height) => wishes(pictures, [at('a', height)], nothing, 'all', false).a)
    const layers = [180, 360]
    expect(asked.every((height, place) => layers[place]! >= ENOUGH * height!)).toBe(true)
  })

  it('asks for nothing while the page is hidden, but for what floats outside of it', () => {
    const places = [at('a', 200), at('b', 200)]
    expect(wishes(pictures, places, new Set(['b']), 'all', true)).toEqual({
      a: 0,
      b: 720,
      s: 0,
    })
  })

  it('saves: small faces and whole screens, or no pictures at all', () => {
    const places = [at('a', 900), at('s', 900)]
    expect(wishes(pictures, places, nothing, 'saving', false)).toEqual({
      a: 180,
      b: 0,
      s: 720,
    })
    expect(Object.values(wishes(pictures, places, nothing, 'sound', false))).toEqual([
      0, 0, 0,
    ])
  })
})

it('tells the room once for many changes, again after it forgot, and nothing twice', async () => {
  const scope = new Scope()
  const clock = new ManualClock(0)
  const socket = new FakeSocket()
  socket.answer('watch', () => ({ ok: {} }))
  socket.open()
  const watching = new Watching(scope, clock, new Link(socket), () => [
    { id: 'a', participant_id: 'p', source: 'camera', kind: 'video', muted: false },
    { id: 'm', participant_id: 'p', source: 'microphone', kind: 'audio', muted: false },
  ])
  const element = document.createElement('div')
  Object.defineProperty(element, 'clientWidth', { value: 300 })
  Object.defineProperty(element, 'clientHeight', { value: 100 })
  const told = () => socket.sent.map(([, body]) => body.publications)
  const end = watching.show(element, 'a')
  watching.changed()
  clock.advance(1_000)
  await socket.settle()
  expect(told()).toEqual([{ a: 180 }])
  watching.changed()
  clock.advance(1_000)
  expect(told()).toHaveLength(1)
  watching.forget()
  clock.advance(1_000)
  expect(told()).toHaveLength(2)
  end()
  clock.advance(1_000)
  expect(told().at(-1)).toEqual({ a: 0 })
})
