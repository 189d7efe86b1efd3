import type { Api } from '../../api/client'
import type { Language, Me, NewOrganisation, SetupState } from '../../api/types'
import { isRefusal, type Refusal } from '../../base/errors'
import { languageChosen, setLanguage } from '../../base/i18n'
import { Cell, type Value } from '../../base/value'

type Json = Record<string, unknown>

/** What must be done before anything else. */
export type HeldUp = 'password_change_needed' | 'second_factor_setup_needed'

export type Presence =
  | { phase: 'looking' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'out'; setup: SetupState }
  | { phase: 'in'; me: Me; heldUp: HeldUp | null }

/** Who is using this page, and the ways in and out. */
export class Entrance {
  private readonly cell = new Cell<Presence>({ phase: 'looking' })
  private readonly stays = new Cell(0)

  constructor(private readonly api: Api) {}

  get presence(): Value<Presence> {
    return this.cell
  }

  /** How many lessons go on in this page: nothing may take their place on the screen. */
  get staying(): Value<number> {
    return this.stays
  }

  /** A lesson goes on until what is answered is called. */
  stay(): () => void {
    this.stays.update((count) => count + 1)
    return () => this.stays.update((count) => count - 1)
  }

  /** Asks the server who we are; not logged in is an answer too. Answers whether there was one: who is in stays
   *  in while the server cannot be asked. */
  async look(): Promise<boolean> {
    const before = this.cell.get()
    try {
      await this.enter(await this.api.me(), before.phase === 'in' ? before.heldUp : null)
    } catch (error) {
      if (isRefusal(error, 'not_logged_in')) await this.stayOut()
      else if (this.cell.get().phase === 'in') return false
      else this.cell.set({ phase: 'failed', error })
    }
    return true
  }

  async logIn(login: string, password: string): Promise<void> {
    await this.comeIn(await this.api.logIn(login.trim(), password))
  }

  /** The step behind the password: a code of the authenticator, or a recovery code. */
  async secondStep(ticket: string, code: string, trust: boolean): Promise<void> {
    await this.comeIn(await this.api.secondStep(ticket, code.trim(), trust))
  }

  /** With a code on paper, which brings a new password. */
  async logInWithPaper(login: string, code: string, password: string): Promise<void> {
    await this.comeIn(await this.api.logInWithPaper(login.trim(), code.trim(), password))
  }

  /** By a passkey alone; `use` asks the browser for it. */
  async logInWithPasskey(use: (options: Json) => Promise<Json>): Promise<void> {
    const { ticket, options } = await this.api.offerPasskeyLogIn()
    await this.comeIn(await this.api.logInWithPasskey(ticket, await use(options)))
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
      this.cell.set({ ...presence, me: { ...presence.me, language } })
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

  /** Hears of what the server forbids: two refusals say that something must be done first. */
  refused(no: Refusal): void {
    const presence = this.cell.get()
    const heldUp = heldUpOf(no.code)
    if (heldUp && presence.phase === 'in') this.cell.set({ ...presence, heldUp })
  }

  /** Asks whether there is still something to be done first. */
  async goOn(): Promise<void> {
    try {
      const heldUp = heldUpOf((await this.api.locks()).held_up)
      const presence = this.cell.get()
      if (presence.phase === 'in') this.cell.set({ ...presence, heldUp })
    } catch {
      await this.look()
    }
  }

  private async comeIn({ me }: { me: Me }): Promise<void> {
    const locks = await this.api.locks().catch(() => null)
    await this.enter(me, heldUpOf(locks?.held_up))
  }

  private async enter(me: Me, heldUp: HeldUp | null = null): Promise<void> {
    if (!languageChosen()) await setLanguage(me.language, false)
    this.cell.set({ phase: 'in', me, heldUp })
  }
}

const HELD_UP: readonly HeldUp[] = ['password_change_needed', 'second_factor_setup_needed']

function heldUpOf(code: string | null | undefined): HeldUp | null {
  return HELD_UP.find((each) => each === code) ?? null
}

/** Only an address inside this site may be gone to after log-in. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  return next.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/'
}
