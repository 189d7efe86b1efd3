import type { AnswerStore, KeptAnswer } from './kept'
import type { SittingView } from './shapes'

/** A sitting as this browser can show it without a network. */
export interface KeptSitting {
  id: string
  view: SittingView
  /** By the wall clock of this device: when `view` was read, and when it was last opened. */
  readAt: number
  openedAt: number
  /** The question that was looked at last. */
  place: number
  name: string
  zone: string
}

/** A file of an answer, or of a question; `sent`: the server has it. */
export interface KeptFile {
  sitting: string
  sha256: string
  blob: Blob
  name: string
  place: number
  sent: boolean
}

/** What of a sitting lies in this browser. */
export interface SittingStore extends AnswerStore {
  sitting(id: string): Promise<KeptSitting | null>
  keepSitting(sitting: KeptSitting): Promise<void>
  file(sitting: string, sha256: string): Promise<KeptFile | null>
  keepFile(file: KeptFile): Promise<void>
  /** Nothing of it is left here. */
  forget(sitting: string): Promise<void>
  /** Forgets those that nobody opened since then; answers that were never confirmed stay. */
  forgetBefore(moment: number): Promise<void>
}

const NAME = 'sabaq.sittings'
const STORES = { sittings: 'id', answers: ['sitting', 'place'], files: ['sitting', 'sha256'] }
type StoreName = keyof typeof STORES
const PARTS: readonly StoreName[] = ['answers', 'files']

/** In IndexedDB: outlives the page, the browser and the device's sleep. */
export class BrowserStore implements SittingStore {
  private opening: Promise<IDBDatabase> | null = null

  async answers(sitting: string): Promise<KeptAnswer[]> {
    return await this.all<KeptAnswer>('answers', sitting)
  }

  async keep(answer: KeptAnswer): Promise<void> {
    await this.put('answers', answer)
  }

  async sitting(id: string): Promise<KeptSitting | null> {
    return (await this.get<KeptSitting>('sittings', id)) ?? null
  }

  async keepSitting(sitting: KeptSitting): Promise<void> {
    await this.put('sittings', sitting)
  }

  async file(sitting: string, sha256: string): Promise<KeptFile | null> {
    return (await this.get<KeptFile>('files', [sitting, sha256])) ?? null
  }

  async keepFile(file: KeptFile): Promise<void> {
    await this.put('files', file)
  }

  async forget(sitting: string): Promise<void> {
    const change = (await this.open()).transaction(Object.keys(STORES), 'readwrite')
    change.objectStore('sittings').delete(sitting)
    for (const name of PARTS) change.objectStore(name).delete(range(sitting))
    await finished(change)
  }

  async forgetBefore(moment: number): Promise<void> {
    const read = (await this.open()).transaction('sittings').objectStore('sittings')
    for (const { id, openedAt } of (await answered(read.getAll())) as KeptSitting[]) {
      if (openedAt >= moment) continue
      if ((await this.answers(id)).every(({ state }) => state !== 'unsent')) await this.forget(id)
    }
  }

  private async all<T>(name: StoreName, sitting: string): Promise<T[]> {
    return (await answered((await this.open()).transaction(name).objectStore(name).getAll(range(sitting)))) as T[]
  }

  private async get<T>(name: StoreName, key: IDBValidKey): Promise<T | undefined> {
    return (await answered((await this.open()).transaction(name).objectStore(name).get(key))) as T | undefined
  }

  private async put(name: StoreName, value: object): Promise<void> {
    const change = (await this.open()).transaction(name, 'readwrite', { durability: 'strict' })
    change.objectStore(name).put(value)
    await finished(change)
  }

  private open(): Promise<IDBDatabase> {
    this.opening ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1)
      asked.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath })
      }
      asked.onsuccess = () => {
        asked.result.onclose = () => (this.opening = null)
        resolve(asked.result)
      }
      asked.onerror = () => reject(asked.error)
    })
    this.opening.catch(() => (this.opening = null))
    return this.opening
  }
}

/** All keys that begin with a sitting. */
const range = (sitting: string) => IDBKeyRange.bound([sitting], [sitting, []])

function answered<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}

function finished(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve()
    change.onerror = change.onabort = () => reject(change.error)
  })
}
