import type { Api } from '../../../api/client'
import { follow, type Follower, type Synced } from '../../../api/events'
import type { Link } from '../../../api/link'
import type { NewPoll } from '../../../api/talk'
import type { Fact, PollAnswers, PollView } from '../../../api/types'
import { Doing } from '../../../base/doing'
import type { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import { openPoll, type Polls, reducePolls, withPoll } from './reducer'

const NONE: Polls = { items: [], leads: false }

/** The polls of a room. */
export class PollsModel {
  readonly doing = new Doing()
  private readonly follower: Follower<Polls>
  private readonly hiddenCell = new Cell<string | null>(null)

  constructor(
    private readonly scope: Scope,
    private readonly api: Api,
    private readonly link: Link,
    private readonly roomId: string,
  ) {
    let counting = false
    this.follower = follow<Polls>(scope, link, {
      snapshot: async () => {
        const { position, items, leads } = await api.polls(roomId)
        if (leads && !counting) {
          counting = true
          this.followCounts(position)
        }
        return { topic: `room:${roomId}`, position, state: { items, leads } }
      },
      reduce: reducePolls,
    })
  }

  get polls(): Value<Synced<Polls>> {
    return this.follower.value
  }

  /** The poll whose card was put aside. */
  get hidden(): Value<string | null> {
    return this.hiddenCell
  }

  retry(): void {
    void this.follower.reload()
  }

  /** What is asked now in a place; null also where its card was put aside. */
  asked(place: string): PollView | null {
    const synced = this.follower.value.get()
    return synced.phase === 'ready' ? openPoll(synced.state, place) : null
  }

  hide(id: string | null): void {
    this.hiddenCell.set(id)
  }

  async ask(poll: NewPoll): Promise<boolean> {
    return this.take(() => this.api.createPoll(this.roomId, poll))
  }

  async vote(poll: PollView, choices: number[], text = ''): Promise<boolean> {
    return this.take(() => this.api.vote(poll.id, choices, text))
  }

  async close(poll: PollView): Promise<boolean> {
    return this.take(() => this.api.closePoll(poll.id))
  }

  async publish(poll: PollView): Promise<boolean> {
    return this.take(() => this.api.publishPoll(poll.id))
  }

  /** Throws a refusal. */
  answers(poll: PollView): Promise<PollAnswers> {
    return this.api.pollAnswers(poll.id)
  }

  /** A file with the answers; throws a refusal. */
  table(poll: PollView, format: 'csv' | 'xlsx', language: 'kk' | 'ru' | 'en') {
    return this.api.pollTable(poll.id, format, language)
  }

  private async take(act: () => Promise<PollView>): Promise<boolean> {
    const poll = await this.doing.run(act)
    if (poll) this.follower.change((polls) => withPoll(polls, poll))
    return poll !== undefined
  }

  /** Counts of polls whose bars only who leads may watch. */
  private followCounts(position: number): void {
    let first: number | null = position
    follow<Polls>(this.scope, this.link, {
      snapshot: async () => {
        if (first === null) {
          const fresh = await this.api.polls(this.roomId)
          for (const poll of fresh.items) this.follower.change((polls) => withPoll(polls, poll))
          first = fresh.position
        }
        const at = first
        first = null
        return { topic: `leaders:${this.roomId}`, position: at, state: NONE }
      },
      reduce: (state, fact: Fact) => {
        this.follower.change((polls) => reducePolls(polls, fact))
        return state
      },
    })
  }
}
