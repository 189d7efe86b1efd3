import type { Link } from '../../../api/link'
import type { Language, Signal } from '../../../api/types'
import type { Clock } from '../../../base/clock'
import { isRefusal } from '../../../base/errors'
import { Scope } from '../../../base/scope'
import { Cell, type Value } from '../../../base/value'
import type { Room } from '../../../media/room'
import { type Line, lasts, withLine, without } from './lines'
import { deviceRecogniser, type Heard, type Offer, type Recogniser } from './recogniser'

const SHOWN = 'sabaq.captions.hidden'
/** Milliseconds between two tellings of a sentence that still grows. */
const PACE = 900

type Store = Pick<Storage, 'getItem' | 'setItem'>
type Around = Pick<Room, 'state' | 'own'>

/** Captions of a lesson: those of others, and one's own, typed or heard by this device. */
export class CaptionsModel {
  private readonly linesCell = new Cell<readonly Line[]>([])
  private readonly shownCell: Cell<boolean>
  private readonly openCell = new Cell(false)
  private readonly typingCell = new Cell(false)
  private readonly listeningCell = new Cell<Language | null>(null)
  private readonly brokenCell = new Cell(false)
  private readonly errorCell = new Cell<unknown>(null)
  private listening: Scope | null = null
  private cancel = () => {}
  private growing: Heard | null = null
  private toldAt = -Infinity
  private cancelTelling = () => {}

  constructor(
    private readonly scope: Scope,
    private readonly link: Link,
    private readonly clock: Clock,
    private readonly room: Around,
    private readonly store: Store,
    private readonly recogniser: Recogniser = deviceRecogniser(),
  ) {
    this.shownCell = new Cell(store.getItem(SHOWN) !== '1')
    link.onSignal(scope, (signal) => this.hear(signal))
    scope.onEnd(room.own.state.watch(() => this.followMicrophone()))
    scope.onEnd(() => {
      this.cancel()
      this.cancelTelling()
    })
  }

  get lines(): Value<readonly Line[]> {
    return this.linesCell
  }

  /** Whether this person reads captions. */
  get shown(): Value<boolean> {
    return this.shownCell
  }

  /** Whether the choices are open. */
  get open(): Value<boolean> {
    return this.openCell
  }

  /** Whether this person types captions for the others. */
  get typing(): Value<boolean> {
    return this.typingCell
  }

  /** In which language this device writes down what its person says; null when it does not. */
  get heardIn(): Value<Language | null> {
    return this.listeningCell
  }

  /** The device's recogniser gave up. */
  get broken(): Value<boolean> {
    return this.brokenCell
  }

  /** With what the last caption was refused. */
  get error(): Value<unknown> {
    return this.errorCell
  }

  offer(language: Language): Promise<Offer> {
    return this.recogniser.offer(language)
  }

  setOpen(open: boolean): void {
    this.openCell.set(open)
  }

  setShown(shown: boolean): void {
    this.store.setItem(SHOWN, shown ? '0' : '1')
    this.shownCell.set(shown)
  }

  setTyping(typing: boolean): void {
    this.typingCell.set(typing)
  }

  /** Has this device write down what its person says; null: not any more. */
  setHeard(language: Language | null): void {
    this.brokenCell.set(false)
    this.listeningCell.set(language)
    this.listening?.end()
    this.listening = null
    this.followMicrophone()
  }

  /** Tells one's caption to all; answers whether it was taken. */
  async say(text: string, final: boolean): Promise<boolean> {
    try {
      await this.link.command('caption', { text: text.trim(), final })
      this.errorCell.set(null)
      return true
    } catch (error) {
      // Too many at once: what is still growing may be left out.
      if (final || !isRefusal(error, 'too_fast')) this.errorCell.set(error)
      return false
    }
  }

  /** Who is silenced is not written down either. */
  private followMicrophone(): void {
    const language = this.listeningCell.get()
    const on = language !== null && this.room.own.state.get().microphone
    if (on === (this.listening !== null)) return
    this.listening?.end()
    this.listening = on ? this.scope.child() : null
    if (!this.listening || !language) return
    const heard = (what: Heard) => this.grow(what)
    const failed = () => {
      this.setHeard(null)
      this.brokenCell.set(true)
    }
    void this.recogniser.listen(this.listening, language, heard, failed)
  }

  /** What is said whole goes at once, what still grows now and then. */
  private grow(what: Heard): void {
    if (!what.text) return
    this.cancelTelling()
    this.growing = what.final ? null : what
    const wait = this.toldAt + PACE - this.clock.now()
    if (what.final || wait <= 0) return this.tell(what)
    this.cancelTelling = this.clock.after(wait, () => {
      if (this.growing) this.tell(this.growing)
    })
  }

  private tell({ text, final }: Heard): void {
    this.toldAt = this.clock.now()
    void this.say(text, final)
  }

  private hear(signal: Signal): void {
    if (signal.name !== 'caption') return
    const { participant_id, text, final } = signal.body
    const name = this.room.state.get().participants.find(({ id }) => id === participant_id)?.name ?? ''
    const until = this.clock.now() + lasts(text)
    this.linesCell.update((lines) => withLine(lines, { participant_id, name, text, final, until }))
    this.planEnd()
  }

  private planEnd(): void {
    this.cancel()
    const ends = this.linesCell.get().map(({ until }) => until)
    if (ends.length === 0) return
    this.cancel = this.clock.after(Math.min(...ends) - this.clock.now(), () => {
      this.linesCell.update((lines) => without(lines, this.clock.now()))
      this.planEnd()
    })
  }
}
