import { describe, expect, it } from 'vitest'
import type { Api } from '../../../api/client'
import { Link } from '../../../api/link'
import type { Fact, PollView } from '../../../api/types'
import { Refusal } from '../../../base/errors'
import { Scope } from '../../../base/scope'
import { FakeSocket } from '../../../testing/fakeSocket'
import { PollsModel } from './model'
import { openPoll, type Polls, reducePolls, shares, withPoll } from './reducer'

const poll = (n: number, part: Partial<PollView> = {}): PollView => ({
  id: `poll_${n}`,
  room_id: 'room_1',
  author_id: 'anna',
  kind: 'single',
  question: '2 + 2?',
  options: ['3', '4'],
  anonymous: false,
  quiz: false,
  live: false,
  may_change: true,
  place: null,
  opened_at: '2026-10-22T05:00:00Z',
  closed_at: null,
  published: false,
  counts: null,
  voters: null,
  right: null,
  mine: null,
  ...part,
})

const fact = (name: string, n: number, more: object, position = n, topic = 'room:room_1'): Fact =>
  ({
    stream: 'unit_1',
    position,
    topic,
    name,
    at: '2026-10-22T05:00:00Z',
    body: { organisation_id: 'unit_1', room_id: 'room_1', poll_id: `poll_${n}`, ...more },
  }) as unknown as Fact

const opened = (n: number, live = false) => {
  const { author_id, kind, question, options, anonymous, quiz, may_change, place, opened_at } =
    poll(n)
  const said = { author_id, kind, question, options, anonymous, quiz, may_change, place, opened_at }
  return fact('polls.poll_opened', n, { ...said, live })
}

const NONE: Polls = { items: [], leads: false }

describe('reducePolls', () => {
  it('opens once, with bars only for whom they are', () => {
    const once = reducePolls(NONE, opened(1))
    expect(once.items).toEqual([poll(1)])
    expect(reducePolls(once, opened(1))).toBe(once)
    expect(reducePolls(NONE, opened(1, true)).items[0]?.counts).toEqual([0, 0])
    expect(reducePolls({ ...NONE, leads: true }, opened(1)).items[0]?.counts).toEqual([0, 0])
  })

  it('counts, closes and publishes, each as often as it is told', () => {
    let polls = reducePolls(NONE, opened(1))
    const told = [
      fact('polls.poll_counted', 1, { counts: [1, 2], voters: 3 }),
      fact('polls.poll_closed', 1, { closed_at: '2026-10-22T05:10:00Z', right: [1] }),
      fact('polls.poll_published', 1, { counts: [1, 3], voters: 4 }),
    ]
    for (const one of [...told, ...told]) polls = reducePolls(polls, one)
    expect(polls.items[0]).toMatchObject({ counts: [1, 3], voters: 4, right: [1], published: true })
    expect(openPoll(polls, 'main')).toBeNull()
  })

  it('keeps what one answered oneself', () => {
    const mine = { choices: [1], text: '' }
    const polls = withPoll(reducePolls(NONE, opened(1)), poll(1, { mine }))
    const then = reducePolls(polls, fact('polls.poll_counted', 1, { counts: [0, 1], voters: 1 }))
    expect(then.items[0]?.mine).toEqual(mine)
  })
})

describe('openPoll', () => {
  it('is the newest of all, or of the own place', () => {
    const items = [poll(1), poll(2, { place: 'b1' }), poll(3, { closed_at: 'x' })]
    expect(openPoll({ items, leads: false }, 'main')?.id).toBe('poll_1')
    expect(openPoll({ items, leads: false }, 'b1')?.id).toBe('poll_2')
  })
})

it('shares are of those who answered', () => {
  expect(shares(poll(1, { counts: [1, 2], voters: 3 }))).toEqual([33, 67])
  expect(shares(poll(1, { counts: [0, 0], voters: 0 }))).toEqual([0, 0])
  expect(shares(poll(1))).toEqual([])
})

describe('PollsModel', () => {
  async function open(api: Partial<Record<keyof Api, unknown>>, leads: boolean) {
    const socket = new FakeSocket()
    const topics: string[] = []
    socket.answer('subscribe', ({ topic, position }) => {
      topics.push(String(topic))
      return { ok: { position, events: [] } }
    })
    const polls = async () => ({ position: 5, items: [poll(1)], leads })
    const model = new PollsModel(
      new Scope(),
      { polls, ...api } as unknown as Api,
      new Link(socket),
      'room_1',
    )
    socket.open()
    await socket.settle()
    return { model, socket, topics }
  }

  it('hears of counts for leaders only as one', async () => {
    expect((await open({}, false)).topics).toEqual(['room:room_1'])
    const { model, socket, topics } = await open({}, true)
    expect(topics.toSorted()).toEqual(['leaders:room_1', 'room:room_1'])
    const body = { counts: [2, 0], voters: 2 }
    socket.tell('event', fact('polls.poll_counted_for_leaders', 1, body, 9, 'leaders:room_1'))
    expect(model.polls.get()).toMatchObject({ state: { items: [{ voters: 2 }] } })
  })

  it('shows what the server took, and says what it refused', async () => {
    const answers = [new Refusal('poll_closed', 409), poll(1, { mine: { choices: [1], text: '' } })]
    const vote = async () => {
      const answer = answers.shift()
      if (answer instanceof Refusal) throw answer
      return answer
    }
    const { model } = await open({ vote }, false)
    expect(await model.vote(poll(1), [1])).toBe(false)
    expect(model.doing.state.get().error).toMatchObject({ code: 'poll_closed' })
    expect(await model.vote(poll(1), [1])).toBe(true)
    expect(model.asked('main')?.mine).toEqual({ choices: [1], text: '' })
  })
})
