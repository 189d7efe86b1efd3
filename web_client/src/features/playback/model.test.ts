import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { chapterAt, chaptersOf } from './chapters'
import { RunningTime } from './clock'
import { KeptPlace } from './kept'
import { deedOf } from './keys'
import { search } from './search'
import type { Layout, Moment, Piece } from './shapes'
import { MOST_SOUNDS, stageAt } from './stage'
import { stepOf } from './steps'
import { Story } from './story'
import { gapAt, gapsOf, placesOf, playing } from './timeline'
import { webVtt } from './vtt'

function piece(id: string, part: Partial<Piece> = {}): Piece {
  const source = part.source ?? 'camera'
  const kind = source === 'microphone' || source === 'screen_sound' ? 'audio' : 'video'
  const named = { participant_id: `p-${id}`, name: id }
  return { id, ...named, source, kind, place: 'main', starts_s: 0, ends_s: 100, url: `/${id}`, ...part }
}

const at = (at_s: number, kind: string, body: Moment['body']): Moment => ({ at_s, kind, body })
const speaking = (at_s: number, ...participant_ids: string[]) => at(at_s, 'speaking', { participant_ids })

describe('the clock', () => {
  it('runs at its speed, stands, jumps, and stops at the end', () => {
    const clock = new ManualClock(1_000_000)
    const time = new RunningTime(clock, 60)
    clock.advance(5_000)
    expect(time.at).toBe(0)
    time.run()
    clock.advance(10_000)
    expect(time.at).toBe(10)
    time.setRate(2)
    clock.advance(10_000)
    expect(time.at).toBe(30)
    time.jump(5)
    clock.advance(1_000)
    expect(time.at).toBe(7)
    time.stand()
    clock.advance(60_000)
    expect(time.at).toBe(7)
    time.run()
    clock.advance(60_000)
    expect(time.at).toBe(60)
    time.jump(-3)
    expect(time.at).toBe(0)
  })
})

describe('keeping in step', () => {
  it('leaves alone what is right, and changes the speed a little of what is not', () => {
    expect(stepOf(10, 10.05, 1, false)).toEqual({ act: 'go', rate: 1, catching: false })
    expect(stepOf(10, 9.9, 1, false)).toMatchObject({ act: 'go', catching: true })
    expect(stepOf(10.05, 10, 1, false)).toMatchObject({ rate: 1, catching: false })
    expect(stepOf(10.0625, 10, 1, true)).toEqual({ act: 'go', rate: 1.0625, catching: true })
    expect(stepOf(10, 10.3, 1.5, true)).toMatchObject({ rate: 1.5 * 0.92 })
  })

  it('jumps from afar, and waits when a little early', () => {
    expect(stepOf(10, 9, 1, false)).toEqual({ act: 'jump', to: 10 })
    expect(stepOf(10, 11, 1, false)).toEqual({ act: 'wait' })
    expect(stepOf(10, 20, 1, false)).toEqual({ act: 'jump', to: 10 })
  })

  it('comes to rest from any small error', () => {
    for (const error of [-0.3, -0.07, 0.07, 0.3]) {
      let [actual, catching] = [error, false]
      for (let tick = 0; tick < 100; tick++) {
        const wanted = tick / 10
        const step = stepOf(wanted, actual, 1, catching)
        if (step.act !== 'go') throw new Error(step.act)
        catching = step.catching
        actual += 0.1 * step.rate
      }
      expect(Math.abs(actual - 10)).toBeLessThan(0.06)
    }
  })
})

describe('the time line', () => {
  const pieces = [
    piece('a', { starts_s: 0, ends_s: 10 }),
    piece('b', { starts_s: 8, ends_s: 20, gaps: [{ starts_s: 14, ends_s: 16 }] }),
    piece('c', { starts_s: 30, ends_s: 40 }),
    piece('d', { place: 'room_1', starts_s: 12, ends_s: 30 }),
  ]

  it('knows what plays', () => {
    expect(playing(pieces, 'main', 9).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(playing(pieces, 'main', 10).map(({ id }) => id)).toEqual(['b'])
    expect(playing(pieces, 'room_1', 12).map(({ id }) => id)).toEqual(['d'])
    expect(playing(pieces, 'main', 25)).toEqual([])
  })

  it('shows what was not recorded, also within a file', () => {
    const gaps = gapsOf(pieces, 'main', 50)
    expect(gaps).toEqual([
      { from: 14, to: 16 },
      { from: 20, to: 30 },
      { from: 40, to: 50 },
    ])
    expect(gapAt(gaps, 25)).toEqual({ from: 20, to: 30 })
    expect(gapAt(gaps, 30)).toBeUndefined()
    expect(gapsOf([], 'main', 50)).toEqual([{ from: 0, to: 50 }])
  })

  it('names the breakouts that were recorded', () => {
    const told = [at(11, 'breakout', { items: [{ id: 'room_1', name: 'Бүркіт' }] })]
    expect(placesOf(pieces, told)).toEqual([
      { id: 'main', name: '' },
      { id: 'room_1', name: 'Бүркіт' },
    ])
    expect(placesOf(pieces, [])[1]).toEqual({ id: 'room_1', name: '1' })
  })
})

describe('the stage', () => {
  const look = (layout: Layout, one = false) => ({ place: 'main', layout, one })
  const pieces = [
    piece('Ай'),
    piece('Ай-mic', { source: 'microphone', participant_id: 'p-Ай', name: 'Ай' }),
    piece('Дос'),
    piece('Дос-mic', { source: 'microphone', participant_id: 'p-Дос', name: 'Дос' }),
    piece('screen', { source: 'screen', participant_id: 'p-Ай', starts_s: 50, ends_s: 60 }),
  ]
  const story = new Story([speaking(2, 'p-Ай'), speaking(20, 'p-Дос'), speaking(20.5, 'p-Ай'), speaking(30, 'p-Дос'), speaking(40)])

  it('follows who has the word, but no cough', () => {
    const seen = (second: number) => stageAt(pieces, story, look('stage'), second).large?.id
    expect([1, 3, 20.2, 25, 31, 45].map(seen)).toEqual(['Ай', 'Ай', 'Ай', 'Ай', 'Дос', 'Дос'])
  })

  it('puts a shared screen in the large place and the face beside it', () => {
    const shown = stageAt(pieces, story, look('stage'), 55)
    expect([shown.large?.id, shown.small?.id]).toEqual(['screen', 'Дос'])
    expect(stageAt(pieces, story, look('stage', true), 55).small).toBeNull()
    expect(stageAt(pieces, story, look('speaker'), 55).large?.id).toBe('Дос')
  })

  it('loads no picture where only the sound is wanted', () => {
    const heard = stageAt(pieces, story, look('sound'), 55)
    expect([heard.large, heard.small]).toEqual([null, null])
    expect(heard.sounds.map(({ id }) => id)).toEqual(['Ай-mic', 'Дос-mic'])
    expect(heard.speaker).toEqual({ id: 'p-Дос', name: 'Дос' })
  })

  it('shows the presentation where it was shown to all', () => {
    const told = new Story([
      at(5, 'showing', { kind: 'slides', id: 'board_1', page: 0 }),
      at(9, 'showing', { kind: 'slides', id: 'board_1', page: 1 }),
      at(12, 'showing', { kind: null, id: null, page: 0 }),
    ])
    const page = (second: number) => stageAt(pieces, told, look('slides'), second).shown?.page
    expect([4, 6, 9, 12].map(page)).toEqual([undefined, 0, 1, undefined])
  })

  it('puts whoever the teacher chose in front', () => {
    const told = new Story([speaking(1, 'p-Ай'), at(5, 'spotlight', { participant_id: 'p-Дос' }), at(9, 'spotlight', { participant_id: null })])
    const seen = (second: number) => stageAt(pieces, told, look('stage'), second).large?.id
    expect([4, 6, 10].map(seen)).toEqual(['Ай', 'Дос', 'Ай'])
  })

  it('loads few voices of many: those that speak now and soon', () => {
    const class30 = Array.from({ length: 30 }, (_, i) => piece(`m${i}`, { source: 'microphone' }))
    const told = new Story([speaking(10, 'p-m7'), speaking(14, 'p-m21'), speaking(16, 'p-m3')])
    const heard = (second: number) => stageAt(class30, told, look('stage'), second).sounds.map(({ id }) => id)
    expect(heard(11)).toEqual(['m7', 'm21', 'm3'])
    expect(heard(17)[0]).toBe('m3')
    expect(heard(0)).toHaveLength(MOST_SOUNDS)
  })
})

describe('captions and chat', () => {
  const story = new Story([
    at(1, 'entered', { participant_id: 'p1', name: 'Айгүл' }),
    at(10, 'caption', { name: 'Айгүл', text: 'Сәлем', lasts_s: 4 }),
    at(11, 'caption', { name: 'Дос', text: 'Сәлем! <b>', lasts_s: 4 }),
    at(20, 'message', { name: 'Ёлка', text: 'Үй тапсырмасы қайда?' }),
    at(22, 'message', { participant_id: 'p1', text: 'Тақтада' }),
  ])

  it('shows several speakers at once, each with a name', () => {
    expect(story.captionsAt(12).map(({ name }) => name)).toEqual(['Айгүл', 'Дос'])
    expect(story.captionsAt(14.5).map(({ name }) => name)).toEqual(['Дос'])
    expect(story.captionsAt(9)).toEqual([])
  })

  it('finds words in chat and captions, of any case', () => {
    expect(search(story, 'СӘЛЕМ').map((one) => one.at)).toEqual([10, 11])
    expect(search(story, 'елка үй').map((one) => one.at)).toEqual([20])
    expect(search(story, 'айгүл тақта').map((one) => one.at)).toEqual([22])
    expect(search(story, '  ')).toEqual([])
    expect(story.writtenBy(21)).toBe(1)
  })

  it('writes WebVTT that nothing said can break', () => {
    expect(webVtt(story.captions)).toBe(
      'WEBVTT\n\n00:00:10.000 --> 00:00:14.000\n<v Айгүл>Сәлем\n\n' +
        '00:00:11.000 --> 00:00:15.000\n<v Дос>Сәлем! &lt;b&gt;\n',
    )
  })
})

describe('chapters', () => {
  it('are what a teacher marked and what began, not too close together', () => {
    const pieces = [piece('s', { source: 'screen', starts_s: 100, ends_s: 200, name: 'Айгүл' })]
    const story = new Story([
      at(105, 'poll', { poll_id: 'poll_1', question: 'Неше?' }),
      at(300, 'poll', { poll_id: 'poll_2', question: 'Неше?' }),
      at(310, 'poll', { poll_id: 'poll_2', state: 'closed' }),
      at(303, 'chapter', { title: 'Теорема' }),
      at(400, 'showing', { kind: 'slides', id: 'b', page: 0 }),
      at(450, 'showing', { kind: 'slides', id: 'b', page: 1 }),
    ])
    const found = chaptersOf(pieces, story)
    expect(found.map(({ at, kind }) => [at, kind])).toEqual([
      [0, 'begin'],
      [100, 'screen'],
      [300, 'poll'],
      [303, 'chapter'],
      [400, 'slides'],
      [450, 'slides'],
    ])
    expect([0, 99, 100, 302, 9999].map((second) => chapterAt(found, second))).toEqual([0, 0, 1, 2, 5])
  })
})

describe('where one stopped', () => {
  const kept = () => new KeptPlace('person_1', 'recording_1', localStorage)

  it('is kept for each person, and begins anew after the end', () => {
    const look = { rate: 1.5, layout: 'speaker' as const, captions: true }
    kept().write({ at: 42, ...look })
    expect(kept().read(100)).toEqual({ at: 42, ...look })
    expect(new KeptPlace('person_2', 'recording_1', localStorage).read(100).at).toBe(0)
    kept().write({ at: 95, ...look })
    expect(kept().read(100).at).toBe(0)
  })

  it('does not trust what a store holds', () => {
    for (const broken of ['', 'x', 'null', '{"at":"x","rate":99,"layout":"all"}']) {
      localStorage.setItem('sabaq.playback.person_1.recording_1', broken)
      expect(kept().read(100)).toEqual({ at: 0, rate: 1, layout: 'stage', captions: false })
    }
  })
})

describe('keys', () => {
  const press = (code: string, on: HTMLElement = document.body, letters = true) => {
    let seen: KeyboardEvent | undefined
    on.addEventListener('keydown', (event) => (seen = event), { once: true })
    on.dispatchEvent(new KeyboardEvent('keydown', { code, bubbles: true }))
    return deedOf(seen!, letters) !== undefined
  }
  const made = (tag: string, type = '') => {
    const element = document.body.appendChild(document.createElement(tag))
    if (type) Object.assign(element, { type })
    return element
  }

  it('act on the page and on the line, not where one types', () => {
    expect(press('Space')).toBe(true)
    expect(press('KeyJ')).toBe(true)
    expect(press('KeyQ')).toBe(false)
    expect(press('Space', made('input', 'search'))).toBe(false)
    const line = made('input', 'range')
    line.dataset.line = ''
    expect(press('ArrowLeft', line)).toBe(true)
  })

  it('leave a button its space, and letters to whoever switched them off', () => {
    expect(press('Space', made('button'))).toBe(false)
    expect(press('KeyK', made('button'))).toBe(true)
    expect(press('KeyK', document.body, false)).toBe(false)
    expect(press('Space', document.body, false)).toBe(true)
  })
})
