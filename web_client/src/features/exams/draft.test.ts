import { describe, expect, it } from 'vitest'
import { decimalOf, shownNumber } from './decimal'
import {
  type CellDraft,
  dataOf,
  type Draft,
  draftOf,
  emptyCell,
  emptySection,
  missing,
  newDraft,
  ofKind,
  pointsOf,
  questionsOf,
} from './draft'
import { endOfDay, momentOf, wallOf } from './moments'

const ZONE = 'Asia/Almaty'
const NOW = Date.parse('2026-11-22T10:20:00Z')
const whole: Draft = { ...newDraft(NOW, ZONE, 'kk'), title: ' Туынды ', banks: ['bank_1'], groups: ['group_1'] }
const enough = () => 100

describe('moments', () => {
  it('are told by the wall of a zone and back', () => {
    expect(wallOf('2026-11-22T10:20:00Z', ZONE)).toBe('2026-11-22T15:20')
    expect(momentOf('2026-11-22T15:20', ZONE)).toBe('2026-11-22T10:20:00.000Z')
    expect([wallOf(null, ZONE), momentOf('', ZONE)]).toEqual(['', null])
  })

  it('hold where the clocks are set: Berlin in March and October', () => {
    for (const wall of ['2026-03-29T01:59', '2026-03-29T03:00', '2026-10-25T04:00', '2026-07-01T00:00']) {
      expect(wallOf(momentOf(wall, 'Europe/Berlin')!, 'Europe/Berlin')).toBe(wall)
    }
  })

  it('end with the day of the author, late in the evening with the next', () => {
    expect(endOfDay(NOW, ZONE, 3)).toBe('2026-11-22T23:59')
    expect(endOfDay(Date.parse('2026-11-22T17:00:00Z'), ZONE, 3)).toBe('2026-11-23T23:59')
  })
})

describe('numbers', () => {
  it.each([
    ['2,50', '2.5'],
    ['.5', '0.5'],
    [' 10 ', '10'],
    ['007', '7'],
    ['1e3', null],
    ['-1', null],
    ['', null],
    ['.', null],
  ])('reads "%s"', (typed, read) => expect(decimalOf(typed)).toBe(read))

  it('writes them as the language does', () => {
    expect(shownNumber('2.50', 'kk')).toBe('2,5')
    expect(shownNumber('-0.1234', 'en', 2)).toBe('−0.12')
    expect(shownNumber(-0.001, 'ru', 2)).toBe('0')
    expect(shownNumber(null, 'kk')).toBe('–')
  })
})

describe('a draft', () => {
  it('needs no more than a title, a bank and a class', () => {
    const fresh = newDraft(NOW, ZONE, 'kk')
    expect(missing(fresh, enough).map(({ what }) => what)).toEqual(['title', 'bank', 'takers'])
    expect(missing(whole, enough)).toEqual([])
  })

  it('goes to the server and comes back as it was', () => {
    const draft: Draft = {
      ...whole,
      title: 'Туынды',
      sections: [
        { ...emptySection, name: 'А', minutes: '12.5' },
        { name: 'Б', minutes: '', cells: [], items: [{ item: 'item_1', points: '2.5' }] },
      ],
      double: { bound: '20', step: '0.5', third: true },
      commission: [{ person: 'person_2', part: 'marker' }],
      opens: '2026-11-22T16:00',
      call: 'lesson_1',
    }
    const data = dataOf(draft, ZONE)
    expect(data.sections[0]).toMatchObject({ seconds: 750, cells: [{ count: 10, points: '1' }] })
    expect(data).toMatchObject({ seconds: 1200, double: { bound: '0.2' }, opens_at: '2026-11-22T11:00:00.000Z', ends_at: null, lesson_id: 'lesson_1' })
    expect(draftOf({ data }, ZONE)).toEqual(draft)
  })

  it('says which cells the bank cannot fill, and where', () => {
    const cells: CellDraft[] = [emptyCell, { ...emptyCell, objective: '11.1', count: '4' }]
    const draft = { ...whole, sections: [{ ...emptySection, cells }] }
    const lacks = missing(draft, ({ objective }) => (objective ? 3 : 10))
    expect(lacks).toEqual([{ what: 'short', at: 'cell-0-1', params: { found: 3, wanted: 4 } }])
    expect(missing(draft, () => undefined)).toEqual([])
  })

  it('names what makes no sense', () => {
    const odd: Draft = {
      ...whole,
      minutes: 'x',
      attempts: '',
      languages: [],
      opens: '2026-11-23T10:00',
      closes: '2026-11-23T09:00',
      sections: [{ ...emptySection, cells: [{ ...emptyCell, count: '0', points: '0' }] }],
    }
    expect(missing(odd, enough).map(({ what, at }) => `${what} ${at}`)).toEqual([
      'questions sections',
      'count cell-0-0',
      'points cell-0-0',
      'minutes minutes',
      'languages languages',
      'closes closes',
      'attempts attempts',
    ])
  })

  it('counts questions and points', () => {
    const sections = [{ ...emptySection, items: [{ item: 'item_1', points: '2,5' }] }]
    expect([questionsOf({ sections }), pointsOf({ sections })]).toEqual([11, 12.5])
  })

  it('becomes practice and a test again with what fits each', () => {
    const practice = ofKind(whole, 'practice')
    expect(practice).toMatchObject({ attempts: '10', minutes: '', release: { what: 'keys', when: 'at_once' } })
    expect(ofKind(practice, 'exam')).toEqual(whole)
  })
})
