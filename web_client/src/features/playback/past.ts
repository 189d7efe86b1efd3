import * as Y from 'yjs'
import type { Api } from '../../api/client'
import { fromBase64 } from '../board/base64'

/** One change of a board, by the recording's seconds: those before it began are negative. */
interface Change {
  at: number
  update: Uint8Array
}

/** A board as it was at any second of a recording. */
export class Past {
  private readonly changes: Change[] = []
  private made = new Y.Doc()
  private applied = 0

  /** `began`: when the recording began, as the server writes times. */
  constructor(private readonly began: string) {}

  take(items: readonly { at: string; update: string }[]): void {
    for (const { at, update } of items) {
      const seconds = (Date.parse(at) - Date.parse(this.began)) / 1000
      this.changes.push({ at: seconds, update: fromBase64(update) })
    }
  }

  /** How much of it had been drawn by a second: while that is the same, so is the board. */
  stepAt(second: number): number {
    const later = this.changes.findIndex(({ at }) => at > second)
    return later < 0 ? this.changes.length : later
  }

  /** The document with so many of its changes. Forward it grows; backward it is made anew. */
  docOf(step: number): Y.Doc {
    if (step < this.applied) {
      this.made.destroy()
      this.made = new Y.Doc()
      this.applied = 0
    }
    const doc = this.made
    doc.transact(() => {
      for (; this.applied < step; this.applied += 1) apply(doc, this.changes[this.applied]!.update)
    })
    return doc
  }
}

/** All changes of a board, page by page; `came` after each page, so that its beginning is seen early. */
export async function readPast(
  api: Pick<Api, 'boardPast'>,
  boardId: string,
  past: Past,
  came: () => boolean,
): Promise<void> {
  for (let [after, more] = [0, true]; more; ) {
    const page = await api.boardPast(boardId, after)
    past.take(page.items)
    after = page.items.at(-1)?.number ?? after
    more = page.more && came()
  }
  came()
}

function apply(doc: Y.Doc, update: Uint8Array): void {
  try {
    Y.applyUpdate(doc, update)
  } catch (error) {
    console.warn('a change of a board was not understood', error)
  }
}
