import type { Fact, PollView } from '../../../api/types'

export interface Polls {
  /** The oldest first. */
  items: readonly PollView[]
  /** Whether one leads the lesson. */
  leads: boolean
}

/** Topics `room:…` and, for who leads, `leaders:…`. */
export function reducePolls(polls: Polls, fact: Fact): Polls {
  switch (fact.name) {
    case 'polls.poll_opened':
      return opened(polls, fact)
    case 'polls.poll_counted':
    case 'polls.poll_counted_for_leaders': {
      const { counts, voters } = fact.body
      return changed(polls, fact.body.poll_id, { counts, voters })
    }
    case 'polls.poll_closed': {
      const { closed_at, right } = fact.body
      return changed(polls, fact.body.poll_id, { closed_at, right })
    }
    case 'polls.poll_published': {
      const { counts, voters } = fact.body
      return changed(polls, fact.body.poll_id, { counts, voters, published: true })
    }
    default:
      return polls
  }
}

/** A poll as the server just told it to oneself. */
export function withPoll(polls: Polls, poll: PollView): Polls {
  const known = polls.items.some(({ id }) => id === poll.id)
  if (known) return changed(polls, poll.id, poll)
  return { ...polls, items: [...polls.items, poll] }
}

/** In percent of those who answered; whole numbers. */
export function shares(poll: PollView): number[] {
  const all = poll.voters ?? 0
  return (poll.counts ?? []).map((count) => (all ? Math.round((count / all) * 100) : 0))
}

/** The newest that takes answers, in one's own place. */
export function openPoll(polls: Polls, place: string): PollView | null {
  const open = polls.items.filter(
    (one) => one.closed_at === null && (one.place === null || one.place === place),
  )
  return open.at(-1) ?? null
}

function opened(polls: Polls, fact: Extract<Fact, { name: 'polls.poll_opened' }>): Polls {
  const { poll_id, organisation_id: _, ...rest } = fact.body
  if (polls.items.some(({ id }) => id === poll_id)) return polls
  const told = polls.leads || rest.live
  const poll: PollView = {
    ...rest,
    id: poll_id,
    kind: rest.kind as PollView['kind'],
    closed_at: null,
    published: false,
    counts: told ? rest.options.map(() => 0) : null,
    voters: told ? 0 : null,
    right: null,
    mine: null,
  }
  return { ...polls, items: [...polls.items, poll] }
}

function changed(polls: Polls, id: string, part: Partial<PollView>): Polls {
  return {
    ...polls,
    items: polls.items.map((one) => (one.id === id ? { ...one, ...part } : one)),
  }
}
