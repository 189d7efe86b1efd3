import type { Entrance } from '../entrance/model'
import { isRefusal } from '../../base/errors'
import { Cell, type Value } from '../../base/value'

export interface LogInForm {
  login: string
  password: string
  busy: boolean
  error: unknown
  /** Fields that were left empty when the form was sent. */
  missing: readonly ('login' | 'password')[]
}

/** The log-in form: keeps what was typed, and says what is wrong beside it. */
export class LogInModel {
  private readonly cell = new Cell<LogInForm>({
    login: '',
    password: '',
    busy: false,
    error: null,
    missing: [],
  })

  constructor(private readonly entrance: Entrance) {}

  get form(): Value<LogInForm> {
    return this.cell
  }

  type(field: 'login' | 'password', text: string): void {
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
    ) as ('login' | 'password')[]
    if (missing.length > 0) return this.cell.update((form) => ({ ...form, missing, error: null }))
    this.cell.update((form) => ({ ...form, busy: true, error: null }))
    try {
      await this.entrance.logIn(login, password)
    } catch (error) {
      this.cell.update((form) => ({ ...form, error }))
    } finally {
      this.cell.update((form) => ({ ...form, busy: false }))
    }
  }
}

/** After a wrong password: does it look as if the keyboard was in the other alphabet? */
export function wrongAlphabet(form: LogInForm): boolean {
  return (
    isRefusal(form.error, 'wrong_credentials') && /[\u0400-\u04ff]/.test(form.login + form.password)
  )
}
