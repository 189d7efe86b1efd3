import { describe, expect, it } from 'vitest'
import type { Api } from '../../../api/client'
import { Link } from '../../../api/link'
import type { Fact, MessageView } from '../../../api/types'
import { ManualClock } from '../../../base/clock'
import { Refusal } from '../../../base/errors'
import { Scope } from '../../../base/scope'
import { FakeSocket } from '../../../testing/fakeSocket'
import { ChatModel } from './model'
import { reduceChat, withEarlier } from './reducer'

const ALL = { rule: 'all' as const, leads: false }
const message = (n: number, author = 'anna'): MessageView => ({
  id: `message_${n}`,
  room_id: 'room_1',
  author: { id: author, name: author },
  text: `text ${n}`,
  sent_at: '2026-10-22T05:00:00Z',
  reply_to: null,
  files: [],
  reactions: [],
  private_with: null,
  place: null,
  to_all: false,
  deleted: false,
})
const posted = (n: number, author = 'anna'): Fact => ({
  stream: 'unit_1',
  position: n,
  topic: 'room:room_1',
  name: 'messages.message_posted',
  at: '2026-10-22T05:00:00Z',
  body: {
    message_id: `message_${n}`,
    organisation_id: 'unit_1',
    room_id: 'room_1',
    author_id: author,
    author_name: author,
    text: `text ${n}`,
    sent_at: '2026-10-22T05:00:00Z',
  },
})

describe('reduceChat', () => {
  it('appends, once', () => {
    const chat = { messages: [message(1)], earlier: null, ...ALL }
    const once = reduceChat(chat, posted(2))
    expect(once.messages).toEqual([message(1), message(2)])
    expect(reduceChat(once, posted(2))).toBe(once)
  })

  it('puts older pages in front and bears an overlap', () => {
    const chat = withEarlier(
      { messages: [message(3)], earlier: 'message_3', ...ALL },
      [message(2), message(3)],
      null,
    )
    expect(chat).toEqual({ messages: [message(2), message(3)], earlier: null, ...ALL })
  })
})

describe('ChatModel', () => {
  async function open(api: Partial<Record<keyof Api, unknown>> = {}, clock?: ManualClock) {
    const socket = new FakeSocket()
    socket.answer('subscribe', ({ position }) => ({ ok: { position, events: [] } }))
    const link = new Link(socket)
    const first = { position: 5, items: [message(4), message(5)], earlier: 'message_4', ...ALL }
    const none = { position: 5, items: [], earlier: null, ...ALL }
    const aside = { privateMessages: async () => none }
    const all = { messages: async () => first, ...aside, ...api } as unknown as Api
    const chat = new ChatModel(new Scope(), all, link, 'room_1', 'misha', undefined, clock)
    socket.open()
    await socket.settle()
    return { chat, socket }
  }

  it('counts what others wrote while nobody looked', async () => {
    const { chat, socket } = await open()
    expect(chat.unread.get()).toBe(0)
    socket.tell('event', posted(6))
    socket.tell('event', posted(7, 'misha'))
    socket.tell('event', posted(8))
    expect(chat.unread.get()).toBe(2)
    expect(chat.newest.get()?.id).toBe('message_8')
    chat.setOpen(true)
    socket.tell('event', posted(9))
    expect(chat.unread.get()).toBe(0)
  })

  it('does not count an older page', async () => {
    const { chat, socket } = await open({
      messages: async (_: string, before?: string) =>
        before
          ? { position: 5, items: [message(2), message(3)], earlier: null, ...ALL }
          : { position: 5, items: [message(4)], earlier: 'message_4', ...ALL },
    })
    await chat.readEarlier()
    await socket.settle()
    expect(chat.unread.get()).toBe(0)
    expect(chat.chat.get()).toMatchObject({ state: { earlier: null } })
  })

  it('keeps the text after a refusal and shows nothing before the room tells it', async () => {
    const answers: (Error | null)[] = [new Refusal('message_too_long', 422, { limit: 4000 }), null]
    const { chat } = await open({
      postMessage: async () => {
        const refusal = answers.shift()
        if (refusal) throw refusal
      },
    })
    chat.type('сәлем')
    await chat.send()
    expect(chat.draft.get()).toMatchObject({ text: 'сәлем', busy: false })
    expect(chat.draft.get().error).toMatchObject({ code: 'message_too_long' })
    await chat.send()
    expect(chat.draft.get()).toMatchObject({ text: '', busy: false, error: null })
    expect(chat.chat.get()).toMatchObject({ state: { messages: { length: 2 } } })
  })

  it('writes to the teacher alone while it must, and to all again afterwards', async () => {
    const sent: unknown[] = []
    const { chat } = await open({
      postMessage: async (_: string, body: { private: boolean }) => sent.push(body.private),
    })
    for (const alone of [true, false]) {
      chat.type('сұрақ')
      await chat.send(alone)
    }
    expect(sent).toEqual([true, false])
  })

  it('keeps what was typed while a message was on its way', async () => {
    let arrived = () => {}
    const { chat } = await open({
      postMessage: () => new Promise<void>((resolve) => (arrived = resolve)),
    })
    chat.type('бір')
    const sent = chat.send()
    chat.type('бір екі')
    arrived()
    await sent
    expect(chat.draft.get().text).toBe('бір екі')
  })

  it('reads what its breakout wrote until the page knows of the move, and hears what comes', async () => {
    const places = ['main', 'b1']
    const clock = new ManualClock(0)
    const page = (place: string) => ({
      ...{ position: 1, items: place === 'b1' ? [{ ...message(2), place }] : [], earlier: null },
      ...{ ...ALL, may_write: true, place },
    })
    const messages = async () => page(places.shift() ?? 'b1')
    const { chat, socket } = await open({ messages }, clock)
    chat.stand({ place: 'b1', mayWrite: true, leads: false })
    await socket.settle()
    for (let tries = 0; tries < 3; tries++) {
      clock.advance(400)
      await socket.settle()
    }
    chat.hear({ ...message(3), place: 'b1' })
    chat.hear({ ...message(3), place: 'b1' })
    const synced = chat.chat.get()
    const ids = synced.phase === 'ready' ? synced.state.messages.map(({ id }) => id) : []
    expect(ids).toEqual(['message_2', 'message_3'])
    chat.stand({ place: 'b1', mayWrite: false, leads: false })
    expect(chat.mayWrite.get()).toBe(false)
    chat.stand({ place: 'b1', mayWrite: false, leads: true })
    expect(chat.mayWrite.get()).toBe(true)
  })
})
