import type { Language } from '../../api/types'

const SHELF = 'sabaq-push'
const STATE = '/push-state'

/** What a browser can do about being woken. `refused`: the person, or a rule, forbids it to this site. */
export interface Waking {
  possible(): boolean
  refused(): boolean
  /** The browser's address at its maker's push service, while it is subscribed. Asks nobody outside. */
  address(): Promise<string | null>
  /** Subscribes at that service, which is the one moment at which the browser talks to it for us. */
  wake(key: string, language: Language): Promise<string>
  sleep(): Promise<void>
}

/** That of the window. Nothing is asked of the push service before `wake`. */
export const windowWaking: Waking = {
  possible: () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window,
  refused: () => 'Notification' in window && Notification.permission === 'denied',
  address: async () => (await subscription())?.endpoint ?? null,
  async wake(key, language) {
    if ((await Notification.requestPermission()) !== 'granted') throw new WakingRefused()
    const { pushManager } = await navigator.serviceWorker.ready
    await (await pushManager.getSubscription())?.unsubscribe() // an old one may be of another key
    const options = { userVisibleOnly: true, applicationServerKey: bytesOf(key) }
    const made = await pushManager.subscribe(options).catch(() => {
      throw new WakingRefused()
    })
    await remember(language)
    return made.endpoint
  },
  async sleep() {
    await (await subscription())?.unsubscribe().catch(() => false)
    if ('caches' in window) await caches.delete(SHELF).catch(() => false)
  },
}

/** The person said no, or the browser's push service did. */
export class WakingRefused extends Error {}

/** The language of the sentence that is shown when the worker cannot ask what there is. */
export async function remember(language: Language): Promise<void> {
  const state = new Response(JSON.stringify({ language }))
  await caches
    .open(SHELF)
    .then((shelf) => shelf.put(STATE, state))
    .catch(() => undefined)
}

async function subscription(): Promise<PushSubscription | null> {
  if (!windowWaking.possible()) return null
  const worker = await navigator.serviceWorker.getRegistration().catch(() => undefined)
  return (await worker?.pushManager.getSubscription().catch(() => null)) ?? null
}

/** Of base64url, as browsers want the key. */
export function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}
