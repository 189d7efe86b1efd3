import type { Api } from '../../api/client'
import type { Language, Me, NewOrganisation, SetupState } from '../../api/types'
import { isRefusal } from '../../base/errors'
import { languageChosen, setLanguage } from '../../base/i18n'
import { Cell, type Value } from '../../base/value'

export type Presence =
  | { phase: 'looking' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'out'; setup: SetupState }
  | { phase: 'in'; me: Me }

/** Who is using this page, and the ways in and out. */
export class Entrance {
  private readonly cell = new Cell<Presence>({ phase: 'looking' })

  constructor(private readonly api: Api) {}

  get presence(): Value<Presence> {
    return this.cell
  }

  /** Asks the server who we are; not logged in is an answer too. */
  async look(): Promise<void> {
    try {
      await this.enter(await this.api.me())
    } catch (error) {
      if (isRefusal(error, 'not_logged_in')) await this.stayOut()
      else this.cell.set({ phase: 'failed', error })
    }
  }

  async logIn(login: string, password: string): Promise<void> {
    await this.enter((await this.api.logIn(login.trim(), password)).me)
  }

  async enterDemo(login: string): Promise<void> {
    await this.enter((await this.api.enterDemo(login)).me)
  }

  async setUp(organisation: NewOrganisation): Promise<void> {
    await this.enter((await this.api.setUp(organisation)).me)
  }

  async logOut(everywhere = false): Promise<void> {
    await (everywhere ? this.api.logOutEverywhere() : this.api.logOut())
    await this.stayOut()
  }

  /** Chooses the language of this browser and, when logged in, of the account. */
  async speak(language: Language): Promise<void> {
    await setLanguage(language)
    const presence = this.cell.get()
    if (presence.phase === 'in') {
      this.cell.set({ phase: 'in', me: { ...presence.me, language } })
      await this.api.speak(language).catch(() => undefined)
    }
  }

  /** Call when the server says that the log-in has ended. */
  async stayOut(): Promise<void> {
    try {
      this.cell.set({ phase: 'out', setup: await this.api.setup() })
    } catch (error) {
      this.cell.set({ phase: 'failed', error })
    }
  }

  private async enter(me: Me): Promise<void> {
    if (!languageChosen()) await setLanguage(me.language, false)
    this.cell.set({ phase: 'in', me })
  }
}

/** Only an address inside this site may be gone to after log-in. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  return next.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/'
}
