import * as Y from 'yjs'
import type { Api } from '../../api/client'
import { fromBase64 } from './base64'

/** A board's document as it was left, whole. */
export async function read(api: Pick<Api, 'boardUpdates'>, boardId: string): Promise<Y.Doc> {
  const doc = new Y.Doc()
  let after = 0
  for (let more = true; more; ) {
    const page = await api.boardUpdates(boardId, after)
    if (page.state) take(doc, page.state)
    for (const { update } of page.items) take(doc, update)
    after = page.items.at(-1)?.number ?? page.state_number
    more = page.more
  }
  return doc
}

function take(doc: Y.Doc, update: string): void {
  try {
    Y.applyUpdate(doc, fromBase64(update))
  } catch (error) {
    console.warn('a change of a board was not understood', error)
  }
}
