import type { Api } from '../../api/client'
import { Doing } from '../../base/doing'
import { Refusal } from '../../base/errors'
import { Cell, type Value } from '../../base/value'

type Json = Record<string, unknown>

/** Whether this browser can make and use passkeys, which it does on safe pages only. */
export function passkeysHere(): boolean {
  return (
    typeof PublicKeyCredential !== 'undefined' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    'parseCreationOptionsFromJSON' in PublicKeyCredential
  )
}

/** Has the browser make a passkey. Throws `passkey_stopped` when the person or the device says no. */
export function makePasskey(options: Json): Promise<Json> {
  return given(() => {
    const asked = options as unknown as PublicKeyCredentialCreationOptionsJSON
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked)
    return navigator.credentials.create({ publicKey })
  })
}

/** Has the browser show a passkey. Throws `passkey_stopped`. */
export function usePasskey(options: Json): Promise<Json> {
  return given(() => {
    const asked = options as unknown as PublicKeyCredentialRequestOptionsJSON
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked)
    return navigator.credentials.get({ publicKey })
  })
}

async function given(ask: () => Promise<Credential | null>): Promise<Json> {
  let credential: Credential | null
  try {
    credential = await ask()
  } catch {
    throw new Refusal('passkey_stopped')
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Refusal('passkey_stopped')
  return { ...credential.toJSON() }
}

export type PasskeyStep =
  | { step: 'ask' }
  | { step: 'codes'; codes: readonly string[] }
  | { step: 'done' }

/** Adding a passkey: the password, the browser's question; with the first factor recovery codes. */
export class PasskeyModel {
  readonly doing = new Doing()
  private readonly cell = new Cell<PasskeyStep>({ step: 'ask' })

  constructor(
    private readonly api: Pick<Api, 'offerPasskey' | 'addPasskey'>,
    private readonly make: (options: Json) => Promise<Json> = makePasskey,
  ) {}

  get step(): Value<PasskeyStep> {
    return this.cell
  }

  async add(password: string, name: string): Promise<void> {
    const added = await this.doing.run(async () => {
      const { ticket, options } = await this.api.offerPasskey(password)
      return this.api.addPasskey(ticket, await this.make(options), name.trim())
    })
    if (!added) return
    this.cell.set(
      added.codes.length > 0 ? { step: 'codes', codes: added.codes } : { step: 'done' },
    )
  }
}
