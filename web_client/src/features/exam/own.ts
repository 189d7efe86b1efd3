const DEVICE = 'sabaq.device'
const TIME = 'sabaq.exam.time'

type Store = Pick<Storage, 'getItem' | 'setItem'>

/** A token by which the server knows this browser from the learner's other ones. It is made up, and says nothing. */
export function deviceOf(store: Store): string {
  try {
    const known = store.getItem(DEVICE)
    if (known && known.length <= 64) return known
    store.setItem(DEVICE, made())
    return store.getItem(DEVICE) ?? MADE
  } catch {
    return MADE
  }
}

function made(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return [...bytes].map((byte) => byte.toString(36).padStart(2, '0')).join('')
}

/** Of a browser that keeps nothing: as long as the page lives. */
const MADE = made()

/** Whether the time that is left is hidden, as somebody chose it on this device. */
export function timeIsHidden(store: Store): boolean {
  try {
    return store.getItem(TIME) === 'hidden'
  } catch {
    return false
  }
}

export function hideTime(store: Store, hidden: boolean): void {
  try {
    store.setItem(TIME, hidden ? 'hidden' : 'shown')
  } catch {
    // Chosen anew next time.
  }
}
