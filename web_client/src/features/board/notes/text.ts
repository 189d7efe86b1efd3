import type * as Y from 'yjs'

/** Makes a shared text what a field has become: the part in the middle that differs is replaced. */
export function writeInto(text: Y.Text, next: string, origin?: unknown): void {
  const now = text.toString()
  if (now === next) return
  const begin = sameStart(now, next)
  const tail = sameEnd(now, next, begin)
  const change = () => {
    const gone = now.length - begin - tail
    if (gone > 0) text.delete(begin, gone)
    const added = next.slice(begin, next.length - tail)
    if (added) text.insert(begin, added)
  }
  if (text.doc) text.doc.transact(change, origin)
  else change()
}

/** Where a cursor belongs after others' changes, told as Yjs tells them. */
export function moved(cursor: number, delta: readonly Delta[]): number {
  let at = 0
  for (const { retain, insert, delete: gone } of delta) {
    if (at > cursor) break
    if (retain) at += retain
    if (typeof insert === 'string') {
      if (at < cursor) cursor += insert.length
      at += insert.length
    }
    if (gone && at < cursor) cursor -= Math.min(gone, cursor - at)
  }
  return cursor
}

interface Delta {
  retain?: number
  insert?: unknown
  delete?: number
}

function sameStart(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1
  return isHalf(a[at - 1]) ? at - 1 : at
}

function sameEnd(a: string, b: string, begin: number): number {
  let tail = 0
  const most = Math.min(a.length, b.length) - begin
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const first = a[a.length - tail]
  return tail > 0 && first !== undefined && first >= '\udc00' && first <= '\udfff' ? tail - 1 : tail
}

/** The first half of a character that takes two: it is not parted from the second. */
function isHalf(letter: string | undefined): boolean {
  return letter !== undefined && letter >= '\ud800' && letter <= '\udbff'
}
