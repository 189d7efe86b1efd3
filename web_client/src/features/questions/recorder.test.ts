import { expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { Scope } from '../../base/scope'
import { Recorder, soundName, type Studio } from './recorder'

class FakeRecorder {
  state = 'inactive'
  mimeType = 'audio/webm;codecs=opus'
  ondataavailable: (event: { data: Blob }) => void = () => undefined
  onstop: () => void = () => undefined
  start() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    this.ondataavailable({ data: new Blob(['sound']) })
    this.onstop()
  }
}

function made(microphone?: () => Promise<MediaStream>) {
  const clock = new ManualClock(0)
  const scope = new Scope()
  const recorder = new FakeRecorder()
  let open = 0
  const stream = { getTracks: () => [{ stop: () => open-- }] } as unknown as MediaStream
  const studio: Studio = {
    microphone: microphone ?? (async () => (open++, stream)),
    record: () => recorder as unknown as MediaRecorder,
  }
  const kept: [string, number][] = []
  const model = new Recorder(scope, clock, 60, async (sound, seconds) => void kept.push([sound.type, seconds]), studio)
  return { clock, scope, model, kept, open: () => open }
}

it('records until it is stopped, and lets the microphone go', async () => {
  const { clock, model, kept, open } = made()
  await model.start()
  expect([model.state.get().phase, open()]).toEqual(['recording', 1])
  clock.advance(4_400)
  model.stop()
  await Promise.resolve()
  await Promise.resolve()
  expect(kept).toEqual([['audio/webm', 4]])
  expect([model.state.get().phase, open()]).toEqual(['idle', 0])
})

it('stops by itself when it is as long as it may be', async () => {
  const { clock, model, kept } = made()
  await model.start()
  clock.advance(61_000)
  await Promise.resolve()
  expect(kept).toEqual([['audio/webm', 60]])
})

it('keeps what was said when the page leaves the question', async () => {
  const { clock, scope, model, kept, open } = made()
  await model.start()
  clock.advance(3_000)
  scope.end()
  await Promise.resolve()
  expect([kept, open()]).toEqual([[['audio/webm', 3]], 0])
})

it('says why there is no microphone, and may be asked again', async () => {
  const { model } = made(() => Promise.reject(new DOMException('', 'NotAllowedError')))
  await model.start()
  expect(model.state.get()).toMatchObject({ phase: 'refused', error: { code: 'microphone_denied' } })
  await model.start()
  expect(model.state.get().phase).toBe('refused')
})

it('calls a recording by what it is', () => {
  expect(['audio/webm', 'audio/mp4', 'audio/ogg'].map(soundName)).toEqual(['answer.webm', 'answer.m4a', 'answer.ogg'])
})
