import { Cell, type Value } from '../../base/value'

const KEYS_OFF = 'sabaq.keys.off'

/** What a person set for this device only. */
export class Preferences {
  private readonly letters: Cell<boolean>

  constructor(private readonly store: Pick<Storage, 'getItem' | 'setItem'>) {
    this.letters = new Cell(store.getItem(KEYS_OFF) !== '1')
  }

  /** Whether single letters act as commands in a lesson. */
  get letterKeys(): Value<boolean> {
    return this.letters
  }

  setLetterKeys(on: boolean): void {
    this.store.setItem(KEYS_OFF, on ? '0' : '1')
    this.letters.set(on)
  }
}
