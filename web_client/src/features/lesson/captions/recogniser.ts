import type { Language } from '../../../api/types'
import type { Scope } from '../../../base/scope'

/** Whether speech can become text on this device, with nothing sent away. `away`: this browser would send the
 *  voice to its maker. `language`: the device does not know this one. `none`: no recogniser at all. */
export type Offer = 'ready' | 'download' | 'away' | 'language' | 'none'

export interface Heard {
  text: string
  final: boolean
}

/** The browser's recogniser, as far as it is used here: lib.dom does not know it. */
interface Recognition extends EventTarget {
  lang: string
  continuous: boolean
  interimResults: boolean
  processLocally: boolean
  start(): void
  abort(): void
}
interface Recognitions {
  new (): Recognition
  available?(wanted: { langs: string[]; processLocally: boolean }): Promise<string>
  install?(wanted: { langs: string[]; processLocally: boolean }): Promise<boolean>
}
interface Result extends Event {
  resultIndex: number
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>
}

const TAGS: Record<Language, string> = { kk: 'kk-KZ', ru: 'ru-RU', en: 'en-GB' }

export interface Recogniser {
  offer(language: Language): Promise<Offer>
  /** Listens until the scope ends; `failed` once when it cannot go on. */
  listen(scope: Scope, language: Language, heard: (what: Heard) => void, failed: () => void): Promise<void>
}

/** The browser's own, and only where it works on the device. */
export function deviceRecogniser(browser: object = window): Recogniser {
  const made = (browser as { SpeechRecognition?: Recognitions }).SpeechRecognition
  const old = (browser as { webkitSpeechRecognition?: unknown }).webkitSpeechRecognition
  const local = made?.available && 'processLocally' in made.prototype ? made : null
  const wanted = (language: Language) => ({ langs: [TAGS[language]], processLocally: true })
  return {
    async offer(language) {
      if (!local) return made || old ? 'away' : 'none'
      const state = await local.available!(wanted(language)).catch(() => 'unavailable')
      if (state === 'available') return 'ready'
      return state === 'downloadable' || state === 'downloading' ? 'download' : 'language'
    },
    async listen(scope, language, heard, failed) {
      if (!local) return failed()
      await local.install?.(wanted(language)).catch(() => false)
      if (scope.ended) return
      run(scope, local, TAGS[language], heard, failed)
    },
  }
}

function run(scope: Scope, maker: Recognitions, tag: string, heard: (what: Heard) => void, failed: () => void) {
  const recognition = new maker()
  Object.assign(recognition, { lang: tag, continuous: true, interimResults: true, processLocally: true })
  const tell = (event: Event) => {
    const { results, resultIndex } = event as Result
    for (let i = resultIndex; i < results.length; i++) {
      const result = results[i]!
      heard({ text: result[0]?.transcript.trim() ?? '', final: result.isFinal })
    }
  }
  let broken = false
  scope.listen(recognition, 'result', tell)
  scope.listen(recognition, 'error', (event) => {
    // Silence is no error: it ends, and listens again.
    broken = (event as Event & { error?: string }).error !== 'no-speech'
  })
  scope.listen(recognition, 'end', () => {
    if (broken) failed()
    else if (!scope.ended) recognition.start()
  })
  scope.onEnd(() => recognition.abort())
  recognition.start()
}
