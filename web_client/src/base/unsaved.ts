/** What somebody wrote and did not save lies in the browser under this, and goes with their log-out. */
export const UNSAVED = 'sabaq.unsaved.'

export function forgetUnsaved(store: Pick<Storage, 'key' | 'length' | 'removeItem'>): void {
  try {
    const keys = Array.from({ length: store.length }, (_, at) => store.key(at) ?? '')
    for (const key of keys) if (key.startsWith(UNSAVED)) store.removeItem(key)
  } catch {
    // A browser that keeps nothing.
  }
}
