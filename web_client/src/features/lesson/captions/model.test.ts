import { describe, expect, it } from 'vitest'
import type { Link } from '../../../api/link'
import type { Signal } from '../../../api/types'
import { ManualClock } from '../../../base/clock'
import { Refusal } from '../../../base/errors'
import { Scope } from '../../../base/scope'
import { Cell } from '../../../base/value'
import { CaptionsModel } from './model'
import { deviceRecogniser, type Heard, type Recogniser } from './recogniser'

function lesson() {
  const scope = new Scope()
  const clock = new ManualClock(1_000_000)
  const sent: { text: string; final: boolean }[] = []
  let refusal: Refusal | null = null
  let hear = (_: Signal) => {}
  const link = {
    onSignal: (_: Scope, heard: typeof hear) => (hear = heard),
    command: async (_: string, body: { text: string; final: boolean }) => {
      if (refusal) throw refusal
      sent.push(body)
      return null
    },
  } as unknown as Link
  const participants = ['Айгүл', 'Дос', 'Ли', 'Мира'].map((name) => ({ id: `p-${name}`, name }))
  const microphone = new Cell({ microphone: true })
  const room = { state: new Cell({ participants }), own: { state: microphone } }
  let said: ((what: Heard) => void) | null = null
  const recogniser: Recogniser = {
    offer: async () => 'ready',
    async listen(listening, _language, heard) {
      said = heard
      listening.onEnd(() => (said = null))
    },
  }
  const model = new CaptionsModel(scope, link, clock, room as never, localStorage, recogniser)
  const tell = (name: string, text: string, final = true) => {
    const body = { participant_id: `p-${name}`, text, final, at: 0 }
    hear({ room_id: 'room_1', name: 'caption', body } as unknown as Signal)
  }
  const shown = () => model.lines.get().map(({ name, text }) => `${name}: ${text}`)
  return { model, clock, sent, tell, shown, microphone, says: (what: Heard) => said?.(what), refuse: (no: Refusal | null) => (refusal = no), heard: () => said !== null }
}

describe('captions of others', () => {
  it('show several speakers at once, each in one line that grows', () => {
    const { tell, shown } = lesson()
    tell('Айгүл', 'Бүгін', false)
    tell('Дос', 'Сұрақ бар')
    tell('Айгүл', 'Бүгін туынды')
    expect(shown()).toEqual(['Айгүл: Бүгін туынды', 'Дос: Сұрақ бар'])
    tell('Ли', 'Иә')
    tell('Мира', 'Жоқ')
    expect(shown()).toEqual(['Дос: Сұрақ бар', 'Ли: Иә', 'Мира: Жоқ'])
  })

  it('go away by themselves, the longer ones later', () => {
    const { tell, shown, clock } = lesson()
    tell('Айгүл', 'Иә')
    tell('Дос', 'ұзақ сөйлем '.repeat(8))
    clock.advance(5_000)
    expect(shown()).toHaveLength(1)
    clock.advance(6_000)
    expect(shown()).toEqual([])
  })
})

describe('captions of one’s own', () => {
  it('go whole at once, and growing ones now and then', () => {
    const { model, clock, sent, says } = lesson()
    model.setHeard('kk')
    says({ text: 'Бү', final: false })
    says({ text: 'Бүгін', final: false })
    says({ text: 'Бүгін біз', final: false })
    expect(sent).toEqual([{ text: 'Бү', final: false }])
    clock.advance(1_000)
    expect(sent.at(-1)).toEqual({ text: 'Бүгін біз', final: false })
    says({ text: 'Бүгін біз бастаймыз', final: true })
    expect(sent.at(-1)).toEqual({ text: 'Бүгін біз бастаймыз', final: true })
    clock.advance(10_000)
    expect(sent).toHaveLength(3)
  })

  it('stop while the microphone is off, and go on with it', () => {
    const { model, heard, microphone } = lesson()
    model.setHeard('ru')
    expect(heard()).toBe(true)
    microphone.set({ microphone: false })
    expect(heard()).toBe(false)
    microphone.set({ microphone: true })
    expect(heard()).toBe(true)
    model.setHeard(null)
    expect(heard()).toBe(false)
  })

  it('tell why a typed one was not taken', async () => {
    const { model, refuse } = lesson()
    refuse(new Refusal('may_not_publish', 403))
    expect(await model.say('Сәлем', true)).toBe(false)
    expect(model.error.get()).toBeInstanceOf(Refusal)
    refuse(null)
    expect(await model.say('Сәлем', true)).toBe(true)
    expect(model.error.get()).toBeNull()
  })
})

describe('the device’s recogniser', () => {
  const recogniserWith = (state: string) => {
    class Made extends EventTarget {
      static available = async () => state
    }
    Object.assign(Made.prototype, { processLocally: false })
    return deviceRecogniser({ SpeechRecognition: Made })
  }

  it('is offered only where the voice stays on the device', async () => {
    expect(await recogniserWith('available').offer('ru')).toBe('ready')
    expect(await recogniserWith('downloadable').offer('ru')).toBe('download')
    expect(await recogniserWith('unavailable').offer('kk')).toBe('language')
    expect(await deviceRecogniser({ webkitSpeechRecognition: class {} }).offer('ru')).toBe('away')
    expect(await deviceRecogniser({ SpeechRecognition: class {} }).offer('ru')).toBe('away')
    expect(await deviceRecogniser({}).offer('ru')).toBe('none')
  })
})
