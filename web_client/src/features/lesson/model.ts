import type { Api } from '../../api/client'
import { follow, type Follower } from '../../api/events'
import type { Link } from '../../api/link'
import type { LessonView, Me } from '../../api/types'
import { type Clock, every } from '../../base/clock'
import { isRefusal, Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'
import { Devices } from '../../media/devices'
import { type Ending, Room } from '../../media/room'
import { turned } from '../today/reducer'
import { ChatModel } from './chat/model'
import type { KeptLesson } from './kept'
import type { LayoutKeeper } from './room/model'

export type Stage =
  | { name: 'loading' }
  | { name: 'failed'; error: unknown }
  /** Choosing devices; `waiting` for the teacher to open the lesson. */
  | { name: 'before'; busy: boolean; waiting: boolean; error: unknown }
  | { name: 'inside'; room: Room; chat: ChatModel }
  | { name: 'after'; ending: Ending; error: unknown }

/** Whether one may be recorded, as the server knows it. */
export type Consent = 'given' | 'asked' | 'refused' | 'guardian'

const BEFORE: Stage = { name: 'before', busy: false, waiting: false, error: null }
const LOOK_AGAIN = 10_000

export interface Around {
  api: Api
  link: Link
  clock: Clock
  me: Me
  kept: KeptLesson
}

/** One visit to a lesson: before it, in it, after it. */
export class LessonVisit {
  readonly devices: Devices
  private readonly follower: Follower<LessonView>
  private readonly stageCell = new Cell<Stage>({ name: 'loading' })
  private readonly lessonCell = new Cell<LessonView | null>(null)
  private readonly consentCell = new Cell<Consent>('given')
  private inside: Scope | null = null
  private asking = false

  constructor(
    private readonly scope: Scope,
    private readonly around: Around,
    private readonly lessonId: string,
    devices = new Devices(scope),
  ) {
    this.devices = devices
    around.link.use(scope)
    this.follower = follow(scope, around.link, {
      snapshot: async () => {
        const { position, lesson } = await around.api.lesson(lessonId)
        return { topic: `lessons:${lesson.organisation_id}`, position, state: lesson }
      },
      reduce: turned,
    })
    scope.onEnd(this.follower.value.watch(() => this.learned()))
    every(scope, around.clock, LOOK_AGAIN, () => void this.lookAgain())
  }

  get stage(): Value<Stage> {
    return this.stageCell
  }

  /** The lesson as last heard; null until it is known. */
  get lesson(): Value<LessonView | null> {
    return this.lessonCell
  }

  /** Whether one agreed to be recorded; told by the server when one joins. */
  get consent(): Value<Consent> {
    return this.consentCell
  }

  /** Agrees to be recorded, or does not; one takes part either way. Throws a refusal. */
  async setConsent(agrees: boolean): Promise<void> {
    await this.around.link.command('set_consent', { agrees })
    this.noteConsent(agrees ? 'given' : 'refused')
  }

  /** Whoever starts a recording agrees by that. */
  noteConsent(consent: Consent): void {
    this.consentCell.set(consent)
    this.around.kept.write({ consent })
  }

  /** Where this tab keeps how one looks at the lesson. */
  get layoutKeeper(): LayoutKeeper {
    const { kept } = this.around
    return { read: () => kept.read()?.layout ?? null, write: (layout) => kept.write({ layout }) }
  }

  retry(): void {
    this.stageCell.set({ name: 'loading' })
    void this.follower.reload()
  }

  /** Asks to be let in; waits by itself while the lesson is not open. */
  async enter(): Promise<void> {
    const stage = this.stageCell.get()
    if (this.asking || stage.name === 'inside' || stage.name === 'loading') return
    this.asking = true
    const waiting = stage.name === 'before' && stage.waiting
    this.stageCell.set({ name: 'before', busy: !waiting, waiting, error: null })
    try {
      await this.askForGrant()
      this.goIn()
    } catch (error) {
      this.refused(error)
    } finally {
      this.asking = false
    }
  }

  /** Stops waiting for the teacher. */
  stopWaiting(): void {
    if (this.stageCell.get().name === 'before') this.stageCell.set(BEFORE)
  }

  /** Ends the lesson for everybody; throws a refusal. */
  async endForAll(): Promise<void> {
    const lesson = await this.around.api.endLesson(this.lessonId)
    this.lessonCell.set(lesson)
    this.goOut('closed')
  }

  async leave(): Promise<void> {
    const stage = this.stageCell.get()
    if (stage.name !== 'inside') return
    await stage.room.leave()
  }

  /** From the page after it, back to choosing devices. */
  back(): void {
    this.stageCell.set(BEFORE)
    this.wantDevices()
  }

  private async askForGrant(): Promise<void> {
    const joined = await this.around.api.joinLesson(this.lessonId)
    if (!joined.grant) throw new Refusal('lesson_not_open', 202)
    this.lessonCell.set(joined.lesson)
    this.consentCell.set(joined.recording.consent)
    this.around.kept.write({
      consent: this.consentCell.get(),
      grant: joined.grant,
      relays: joined.ice_servers,
      microphone: this.devices.microphone.get().wanted,
      camera: this.devices.camera.get().wanted,
    })
  }

  private goIn(): void {
    const { link, clock, kept, api, me } = this.around
    const inside = this.scope.child()
    this.inside = inside
    const permit = {
      grant: () => kept.read()?.grant ?? '',
      relays: () => kept.read()?.relays ?? [],
      renew: () => this.askForGrant(),
    }
    const room = new Room(inside, link, clock, this.devices, permit)
    const chat = new ChatModel(inside, api, link, this.lessonCell.get()!.room_id, me.id)
    inside.onEnd(room.phase.watch(() => this.followRoom(room)))
    inside.onEnd(room.own.state.watch(() => this.remember(room)))
    this.stageCell.set({ name: 'inside', room, chat })
  }

  private followRoom(room: Room): void {
    const phase = room.phase.get()
    if (phase.name === 'over') this.goOut(phase.ending)
    if (phase.name !== 'refused') return
    this.goOut('left')
    this.refused(phase.error)
  }

  private remember(room: Room): void {
    if (room.phase.get().name !== 'in') return
    const { microphone, camera } = room.own.state.get()
    this.around.kept.write({ microphone, camera })
  }

  private goOut(ending: Ending): void {
    if (ending !== 'replaced') this.around.kept.forget()
    this.inside?.end()
    this.inside = null
    this.devices.want({ microphone: false, camera: false })
    this.stageCell.set({ name: 'after', ending, error: null })
  }

  private refused(error: unknown): void {
    if (isRefusal(error, 'lesson_ended') || isRefusal(error, 'room_closed')) {
      this.goOut('closed')
    } else if (isRefusal(error, 'removed_from_room')) {
      this.goOut('removed')
    } else if (isRefusal(error, 'lesson_not_open')) {
      this.stageCell.set({ name: 'before', busy: false, waiting: true, error: null })
    } else {
      this.stageCell.set({ name: 'before', busy: false, waiting: false, error })
    }
  }

  private learned(): void {
    const synced = this.follower.value.get()
    const stage = this.stageCell.get()
    if (synced.phase === 'failed' && stage.name === 'loading') {
      this.stageCell.set({ name: 'failed', error: synced.error })
    }
    if (synced.phase !== 'ready') return
    this.lessonCell.set(synced.state)
    if (stage.name === 'loading') this.begin(synced.state)
    else void this.lookAgain()
  }

  /** A reload inside a lesson leads straight back, as one was: silent if one was silent. */
  private begin(lesson: LessonView): void {
    if (lesson.state === 'ended') return this.goOut('closed')
    const kept = this.around.kept.read()
    if (kept?.grant && lesson.state === 'open') {
      this.consentCell.set(kept.consent)
      this.devices.want({ microphone: kept.microphone, camera: kept.camera })
      return this.goIn()
    }
    this.stageCell.set(BEFORE)
    this.wantDevices()
  }

  private wantDevices(): void {
    const listens = this.lessonCell.get()?.my_part === 'see'
    if (!listens) this.devices.want({ microphone: true, camera: true })
  }

  private async lookAgain(): Promise<void> {
    const stage = this.stageCell.get()
    if (stage.name === 'before' && stage.waiting) await this.enter()
  }
}
