import type { Clock } from '../../base/clock'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

/** What of a BroadcastChannel is needed. */
export interface Channel {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent) => void) | null
  close(): void
}

type Message = { say: 'who' | 'mine' | 'taken'; tab: string }
/** `asking` whether another page of this browser has it; `ours`; `theirs`. */
export type Hold = 'asking' | 'ours' | 'theirs'

const ANSWER_WITHIN = 400

/** One page of this browser writes a sitting: who comes second is told, and may take it over. */
export class Tab {
  private readonly cell = new Cell<Hold>('asking')

  constructor(
    scope: Scope,
    clock: Clock,
    private readonly channel: Channel | null,
    private readonly tab: string,
  ) {
    if (!channel) {
      this.cell.set('ours')
      return
    }
    channel.onmessage = ({ data }) => this.heard(data as Message)
    channel.postMessage({ say: 'who', tab })
    const cancel = clock.after(ANSWER_WITHIN, () => {
      if (this.cell.get() === 'asking') this.take()
    })
    scope.onEnd(() => {
      cancel()
      channel.close()
    })
  }

  get state(): Value<Hold> {
    return this.cell
  }

  /** From now on this page has it; the other one is told. */
  take(): void {
    this.channel?.postMessage({ say: 'taken', tab: this.tab })
    this.cell.set('ours')
  }

  private heard({ say, tab }: Message): void {
    if (tab === this.tab) return
    const mine = this.cell.get() === 'ours'
    if (say === 'who' && mine) this.channel?.postMessage({ say: 'mine', tab: this.tab })
    else if (say === 'mine' && !mine) this.cell.set('theirs')
    else if (say === 'taken') this.cell.set('theirs')
  }
}

/** Null where the browser has none: then every page counts as the only one. */
export function browserChannel(sitting: string): Channel | null {
  return 'BroadcastChannel' in globalThis ? new BroadcastChannel(`sabaq.sitting.${sitting}`) : null
}
