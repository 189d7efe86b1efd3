import { describe, expect, it } from 'vitest'
import type { Fact, LessonView, MessageView } from '../api/types'
import { type Chat, reduceChat } from '../features/lesson/chat/reducer'
import { type Lessons, reduceLessons, withLesson } from '../features/today/reducer'

/** What the server's stories wrote: a snapshot, the events after it, and the snapshot they must lead to. */
interface Triple {
  topic: string
  /** Whose page it is. */
  me?: string
  snapshot: { position: number; items: unknown[]; date?: string; earlier?: string | null }
  events: Fact[]
  expected: { position: number; items: unknown[] }
}

const files = import.meta.glob<Triple>('../../../tests/golden/sync/*.json', {
  import: 'default',
  eager: true,
})
const triples = Object.entries(files)

describe('the triples of the stories', () => {
  it('reads them where the stories leave them', () => {
    for (const [file, triple] of triples) {
      expect(triple.topic, file).toMatch(/^(lessons|room):/)
      expect(Array.isArray(triple.events), file).toBe(true)
    }
  })

  for (const [file, triple] of triples) {
    it(file.split('/').pop()!, () => {
      const replay = triple.topic.startsWith('room:') ? replayRoom : replayLessons
      expect(replay(triple)).toEqual(byId(triple.expected.items))
    })
  }
})

function replayRoom({ snapshot, events, me }: Triple): unknown {
  const messages = snapshot.items as MessageView[]
  let chat: Chat = { messages, earlier: null, rule: 'all', leads: false }
  for (const fact of [...events, ...events]) chat = reduceChat(chat, fact, me)
  return byId(chat.messages)
}

/** A lesson that a fact names and the snapshot lacks is read alone: here, from what is expected. */
function replayLessons({ snapshot, events, expected }: Triple): unknown {
  let lessons: Lessons = {
    date: snapshot.date ?? '',
    items: snapshot.items as LessonView[],
    unread: [],
  }
  for (const fact of [...events, ...events]) lessons = reduceLessons(lessons, fact)
  for (const lesson of expected.items as LessonView[]) {
    if (lessons.unread.includes(lesson.id)) lessons = withLesson(lessons, lesson)
  }
  return byId(lessons.items)
}

function byId(items: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries((items as { id: string }[]).map((item) => [item.id, item]))
}
