import { isRefusal, Refusal } from '../../base/errors'
import { Cell, type Value } from '../../base/value'
import type { Entrance } from '../entrance/model'
import { usePasskey } from '../locks/passkeys'

type Field = 'login' | 'password'

export interface LogInForm {
  login: string
  password: string
  busy: boolean
  error: unknown
  /** Fields that were left empty when the form was sent. */
  missing: readonly Field[]
  /** The ticket for the second step, once the password was right. */
  ticket: string | null
}

/** The log-in form: keeps what was typed, and says what is wrong beside it. */
export class LogInModel {
  private readonly cell = new Cell<LogInForm>({
    login: '',
    password: '',
    busy: false,
    error: null,
    missing: [],
    ticket: null,
  })

  constructor(private readonly entrance: Pick<Entrance, 'logIn' | 'logInWithPasskey'>) {}

  get form(): Value<LogInForm> {
    return this.cell
  }

  type(field: Field, text: string): void {
    this.cell.update((form) => ({
      ...form,
      [field]: text,
      missing: form.missing.filter((name) => name !== field),
    }))
  }

  async send(): Promise<void> {
    const { login, password, busy } = this.cell.get()
    if (busy) return
    const missing = [!login.trim() && 'login', !password && 'password'].filter(
      (name) => name !== false,
    ) as Field[]
    if (missing.length > 0) return this.cell.update((form) => ({ ...form, missing, error: null }))
    await this.enter(() => this.entrance.logIn(login, password))
  }

  /** By a passkey, which names the person too. */
  async byPasskey(): Promise<void> {
    if (!this.cell.get().busy) await this.enter(() => this.entrance.logInWithPasskey(usePasskey))
  }

  /** Back to login and password, with what led back. */
  again(error: unknown = null): void {
    this.cell.update((form) => ({ ...form, ticket: null, error }))
  }

  private async enter(act: () => Promise<void>): Promise<void> {
    this.cell.update((form) => ({ ...form, busy: true, error: null, missing: [] }))
    try {
      await act()
    } catch (error) {
      const ticket = ticketOf(error)
      this.cell.update((form) =>
        ticket ? { ...form, ticket, password: '' } : { ...form, error },
      )
    } finally {
      this.cell.update((form) => ({ ...form, busy: false }))
    }
  }
}

/** The ticket for the second step, if that is what a refusal asks for. */
export function ticketOf(error: unknown): string | null {
  if (!(error instanceof Refusal) || error.code !== 'second_factor_needed') return null
  return typeof error.params.ticket === 'string' ? error.params.ticket : null
}

/** After a wrong password: does it look as if the keyboard was in the other alphabet? */
export function wrongAlphabet(form: Pick<LogInForm, 'login' | 'password' | 'error'>): boolean {
  return (
    isRefusal(form.error, 'wrong_credentials') && /[\u0400-\u04ff]/.test(form.login + form.password)
  )
}

/** What a link to the page for a code holds after `#`: `login:code`, or nothing. */
export function codeOf(hash: string): { login: string; code: string } {
  const text = decoded(hash.replace(/^#/, ''))
  const at = text.lastIndexOf(':')
  return at < 0 ? { login: '', code: '' } : { login: text.slice(0, at), code: text.slice(at + 1) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
