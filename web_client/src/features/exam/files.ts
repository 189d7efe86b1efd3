import { Refusal } from '../../base/errors'
import type { Scope } from '../../base/scope'
import { type FileKeeper, sumOf } from '../questions/keeper'
import type { Answer, Handed } from '../questions/shapes'
import type { ExamApi } from './api'
import type { QuestionView } from './shapes'
import type { SittingStore } from './store'

/** Larger pictures and sounds of questions are not kept for a page without a network. */
const MOST_MEDIA = 8_000_000
/** Refusals that say nothing of the file. */
const PASSING = ['not_logged_in', 'other_device', 'sitting_not_running', 'too_many_attempts', 'upload_too_slow', 'busy']

/** Files of answers lie in this browser until the server has them; pictures of questions, for when it is away. */
export class AnswerFiles implements FileKeeper {
  private readonly places = new Map<string, string>()
  private readonly memory = new Map<string, { blob: Blob; name: string; sent: boolean }>()

  constructor(
    scope: Scope,
    private readonly store: SittingStore,
    private readonly api: ExamApi,
    private readonly sitting: string,
    private readonly place: () => number,
  ) {
    scope.onEnd(() => {
      for (const place of this.places.values()) URL.revokeObjectURL(place)
    })
  }

  readonly put = async (blob: Blob, name: string): Promise<Handed> => {
    const sha256 = await sumOf(blob)
    this.memory.set(sha256, { blob, name, sent: false })
    const kept = { sitting: this.sitting, sha256, blob, name, place: this.place(), sent: false }
    await this.store.keepFile(kept).catch(() => undefined)
    return { sha256, name, size: blob.size }
  }

  readonly find = async (sha256: string): Promise<string | null> => {
    const known = this.places.get(sha256)
    if (known) return known
    const blob = (await this.held(sha256))?.blob
    if (!blob) return null
    this.places.set(sha256, URL.createObjectURL(blob))
    return this.places.get(sha256)!
  }

  /** Where a question's picture lies here; nothing where it does not. */
  local(sha256: string): string | undefined {
    return this.places.get(sha256)
  }

  /** Sends the files that an answer names, before the answer. */
  async send(place: number, answer: Answer | null): Promise<void> {
    for (const sha256 of sumsOf(answer)) {
      const file = await this.held(sha256)
      if (!file || file.sent) continue
      await this.upload(place, file)
      const sent = { ...file, sent: true }
      this.memory.set(sha256, sent)
      await this.store.keepFile({ ...sent, sitting: this.sitting, sha256, place }).catch(() => undefined)
    }
  }

  /** Brings pictures and sounds of questions here while the server can be asked; else makes those here to be seen. */
  async bringMedia(questions: readonly QuestionView[], online: boolean): Promise<void> {
    for (const { media, place } of questions) {
      for (const [sha256, address] of Object.entries(media)) {
        const there = await this.store.file(this.sitting, sha256).catch(() => null)
        if (there && !online) await this.find(sha256)
        if (there || !online) continue
        const blob = await fetched(address)
        if (blob) {
          const kept = { sitting: this.sitting, sha256, blob, name: '', place, sent: true }
          await this.store.keepFile(kept).catch(() => undefined)
        }
      }
    }
  }

  private async upload(place: number, file: { blob: Blob; name: string }): Promise<void> {
    try {
      await this.api.addFile(this.sitting, place, file.name, file.blob)
    } catch (error) {
      const ours = error instanceof Refusal && error.status >= 400 && error.status < 500
      if (!ours || PASSING.includes(error.code)) throw error
      throw new Refusal('answer_file_refused', error.status, { because: error.code })
    }
  }

  private async held(sha256: string): Promise<{ blob: Blob; name: string; sent: boolean } | null> {
    return this.memory.get(sha256) ?? (await this.store.file(this.sitting, sha256).catch(() => null))
  }
}

async function fetched(address: string): Promise<Blob | null> {
  try {
    const answer = await fetch(address)
    const size = Number(answer.headers.get('Content-Length') ?? 0)
    const type = answer.headers.get('Content-Type') ?? ''
    if (!answer.ok || size > MOST_MEDIA || type.startsWith('video/')) {
      await answer.body?.cancel()
      return null
    }
    return await answer.blob()
  } catch {
    return null
  }
}

function sumsOf(answer: Answer | null): string[] {
  if (answer?.kind === 'handed_in') return (answer.files ?? []).map(({ sha256 }) => sha256)
  return answer?.kind === 'recorded' && answer.sha256 ? [answer.sha256] : []
}

