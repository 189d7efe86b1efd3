import type { Api } from '../../api/client'
import type { TotpOffer } from '../../api/types'
import { Doing } from '../../base/doing'
import { isRefusal } from '../../base/errors'
import { Cell, type Value } from '../../base/value'

export type TotpStep =
  | { step: 'password' }
  | { step: 'scan'; offer: TotpOffer }
  | { step: 'codes'; codes: readonly string[] }

/** Setting up an authenticator: the password, the secret, a code of it; then recovery codes, once. */
export class TotpModel {
  readonly doing = new Doing()
  private readonly cell = new Cell<TotpStep>({ step: 'password' })

  constructor(private readonly api: Pick<Api, 'offerTotp' | 'setUpTotp'>) {}

  get step(): Value<TotpStep> {
    return this.cell
  }

  async begin(password: string): Promise<void> {
    const offer = await this.doing.run(() => this.api.offerTotp(password))
    if (offer) this.cell.set({ step: 'scan', offer })
  }

  async confirm(code: string): Promise<void> {
    const now = this.cell.get()
    if (now.step !== 'scan') return
    const plain = code.replace(/\s/g, '')
    const done = await this.doing.run(() => this.api.setUpTotp(now.offer.ticket, plain))
    if (done) this.cell.set({ step: 'codes', codes: done.codes })
    else if (isRefusal(this.doing.state.get().error, 'ticket_invalid')) {
      this.cell.set({ step: 'password' })
    }
  }
}
