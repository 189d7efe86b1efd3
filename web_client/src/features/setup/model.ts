import type { Names, NewOrganisation, OrganisationKind } from '../../api/types'
import { Cell, type Value } from '../../base/value'
import type { Entrance } from '../entrance/model'

export interface SetUpForm {
  kind: OrganisationKind
  kk: string
  ru: string
  en: string
  family: string
  given: string
  login: string
  password: string
}

export type Field = Exclude<keyof SetUpForm, 'kind'>
const REQUIRED: readonly Field[] = ['kk', 'ru', 'family', 'given', 'login', 'password']

export interface SetUpState {
  form: SetUpForm
  /** Required fields that were visited, or sent, while empty. */
  missing: readonly Field[]
  busy: boolean
  error: unknown
}

const EMPTY: SetUpForm = {
  kind: 'school',
  kk: '',
  ru: '',
  en: '',
  family: '',
  given: '',
  login: '',
  password: '',
}

/** Setting up one's own organisation with the invitation printed where the server runs. */
export class SetUpModel {
  private readonly cell = new Cell<SetUpState>({
    form: EMPTY,
    missing: [],
    busy: false,
    error: null,
  })

  constructor(
    private readonly entrance: Entrance,
    private readonly invitation: string,
  ) {}

  get state(): Value<SetUpState> {
    return this.cell
  }

  choose(kind: OrganisationKind): void {
    this.cell.update((state) => ({ ...state, form: { ...state.form, kind } }))
  }

  type(field: Field, text: string): void {
    this.cell.update((state) => ({
      ...state,
      form: { ...state.form, [field]: text },
      missing: text.trim() ? state.missing.filter((name) => name !== field) : state.missing,
    }))
  }

  /** A field is checked when it is left, not while it is typed in. */
  leave(field: Field): void {
    const { form, missing } = this.cell.get()
    if (!isEmpty(form, field) || missing.includes(field)) return
    this.cell.update((state) => ({ ...state, missing: [...missing, field] }))
  }

  /** Answers whether the organisation stands and its administrator is in. */
  async send(): Promise<boolean> {
    const { form, busy } = this.cell.get()
    if (busy) return false
    const missing = REQUIRED.filter((field) => isEmpty(form, field))
    this.cell.update((state) => ({ ...state, missing, error: null }))
    if (missing.length > 0) return false
    this.cell.update((state) => ({ ...state, busy: true }))
    try {
      await this.entrance.setUp(bodyOf(form, this.invitation))
      return true
    } catch (error) {
      this.cell.update((state) => ({ ...state, error }))
      return false
    } finally {
      this.cell.update((state) => ({ ...state, busy: false }))
    }
  }
}

function isEmpty(form: SetUpForm, field: Field): boolean {
  return REQUIRED.includes(field) && !form[field].trim()
}

function bodyOf(form: SetUpForm, invitation: string): NewOrganisation {
  const names: Names = {
    kk: form.kk.trim(),
    ru: form.ru.trim(),
    en: form.en.trim() || form.kk.trim(),
  }
  const admin = {
    family: form.family.trim(),
    given: form.given.trim(),
    login: form.login.trim(),
    password: form.password,
  }
  return { invitation, kind: form.kind, names, admin }
}

/** The code of an invitation link: what follows `#`, bare or as `code=…`. */
export function invitationOf(hash: string): string {
  const text = hash.replace(/^#/, '')
  return new URLSearchParams(text).get('code') ?? text
}
