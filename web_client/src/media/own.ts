import type { PublicationView, Source } from '../api/types'
import type { Scope } from '../base/scope'
import { Cell, type Value } from '../base/value'
import type { Devices } from './devices'
import type { Commands } from './peer'
import type { Up } from './up'

export interface Own {
  /** Whether others can hear us, see us, see our screen. */
  microphone: boolean
  camera: boolean
  screen: boolean
  /** Our picture and our screen as we see them. */
  cameraStream: MediaStream | null
  screenStream: MediaStream | null
  /** Somebody who leads the lesson turned our microphone off. */
  silenced: boolean
}

const NOTHING: Own = {
  microphone: false,
  camera: false,
  screen: false,
  cameraStream: null,
  screenStream: null,
  silenced: false,
}

/** What we publish. The microphone is turned off without giving the device back, so that it comes on at
 *  once; a camera that is off is released, so that its light goes out. Nothing here turns on by itself. */
export class OwnMedia {
  private readonly cell = new Cell<Own>(NOTHING)
  /** Whether one wants to be heard; one is once the device is open. */
  private speaking = false

  constructor(
    scope: Scope,
    private readonly commands: Commands,
    private readonly devices: Devices,
    private readonly up: Up,
    private readonly allowed: () => readonly Source[],
  ) {
    scope.onEnd(devices.microphone.watch(() => this.followMicrophone()))
    scope.onEnd(devices.camera.watch(() => this.followCamera()))
    scope.onEnd(() => this.stopTracks(this.cell.get().screenStream))
  }

  get state(): Value<Own> {
    return this.cell
  }

  /** Starts with what was on before entering. */
  start(): void {
    this.speaking = this.devices.microphone.get().wanted && this.may('microphone')
    this.followMicrophone()
    this.followCamera()
  }

  /** Somebody who leads ended what we sent. */
  stopped(source: Source): void {
    if (source === 'microphone') {
      this.setMicrophone(false)
      this.set({ silenced: true })
    } else if (source === 'camera') this.setCamera(false)
    else this.stopScreen()
    this.up.end(source)
  }

  /** What may not be sent any more is turned off; it does not come back with the right. */
  obey(): void {
    const { microphone, camera, screen } = this.cell.get()
    if (microphone && !this.may('microphone')) this.setMicrophone(false)
    if (camera && !this.may('camera')) this.setCamera(false)
    if (screen && !this.may('screen')) this.stopScreen()
  }

  setMicrophone(on: boolean): void {
    if (on && !this.may('microphone')) return
    this.speaking = on
    this.note('microphone', on)
    this.set({ silenced: false })
    if (on) this.devices.want({ microphone: true })
    this.followMicrophone()
  }

  setCamera(on: boolean): void {
    if (on && !this.may('camera')) return
    this.note('camera', on)
    this.devices.want({ camera: on })
  }

  /** Asks for a screen, with its sound where the browser gives it. Answers false when none was chosen. */
  async shareScreen(): Promise<boolean> {
    if (this.cell.get().screen || !this.may('screen')) return false
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
        audio: this.may('screen_sound'),
      })
    } catch {
      return false
    }
    const [picture] = stream.getVideoTracks()
    const [sound] = stream.getAudioTracks()
    if (!picture) return false
    picture.addEventListener('ended', () => this.stopScreen())
    this.set({ screen: true, screenStream: new MediaStream([picture]) })
    this.up.send('screen', picture)
    if (sound) this.up.send('screen_sound', sound)
    return true
  }

  stopScreen(): void {
    const { screenStream } = this.cell.get()
    if (!screenStream) return
    this.stopTracks(screenStream)
    this.set({ screen: false, screenStream: null })
    this.up.end('screen')
    this.up.end('screen_sound')
  }

  /** The room says what it holds of ours. It may have muted us; it never unmutes us. */
  compare(mine: readonly PublicationView[]): void {
    const held = (source: Source) => mine.find(({ id }) => id === this.up.publicationOf(source))
    const { microphone, camera, screen } = this.cell.get()
    switch (this.judge('microphone', held('microphone'), microphone)) {
      case 'we are on':
        this.tell('microphone', false)
        break
      case 'they muted':
        this.speaking = false
        this.set({ microphone: false, silenced: true })
        this.followMicrophone()
        break
      case 'we are off':
        this.tell('microphone', true)
    }
    switch (this.judge('camera', held('camera'), camera)) {
      case 'we are on':
        this.tell('camera', false)
        break
      case 'they muted':
        this.devices.want({ camera: false })
        break
      case 'we are off':
        this.tell('camera', true)
    }
    if (this.judge('screen', held('screen'), screen) === 'they muted') this.stopScreen()
  }

  /** What we asked the room to note and have not seen noted yet: `muted`, by source. */
  private readonly told = new Map<Source, boolean>()

  /** What one turned on oneself before it was published. The room keeps those silent whom somebody muted
   *  before; it takes a word of their own to end that, and a page that merely came back does not say it. */
  private readonly pressed = new Set<Source>()

  private note(source: Source, on: boolean): void {
    if (on && !this.up.publicationOf(source)) this.pressed.add(source)
    else this.pressed.delete(source)
  }

  private judge(
    source: Source,
    held: PublicationView | undefined,
    on: boolean,
  ): 'agreed' | 'they muted' | 'we are off' | 'we are on' {
    if (!held) return 'agreed'
    if (this.pressed.delete(source) && held.muted && on) return 'we are on'
    const told = this.told.get(source)
    if (told === held.muted) this.told.delete(source)
    else if (told !== undefined) return 'agreed'
    if (held.muted && on) return 'they muted'
    return held.muted || on ? 'agreed' : 'we are off'
  }

  private followMicrophone(): void {
    const { track, problem } = this.devices.microphone.get()
    if (problem) this.speaking = false
    const on = this.speaking && track !== null
    if (track) {
      track.enabled = on
      if (on || this.up.publicationOf('microphone')) this.up.send('microphone', track)
    }
    if (on === this.cell.get().microphone) return
    this.set({ microphone: on })
    this.tell('microphone', !on)
  }

  private followCamera(): void {
    const { track } = this.devices.camera.get()
    const before = this.cell.get()
    const on = track !== null && this.may('camera')
    if (on === before.camera && before.cameraStream?.getTracks()[0] === (track ?? undefined)) return
    this.set({ camera: on, cameraStream: on ? new MediaStream([track]) : null })
    if (on) this.up.send('camera', track)
    else this.up.hold('camera')
    if (on !== before.camera) this.tell('camera', !on)
  }

  /** Tells the room that a publication of ours is silent or not; a lost word is made good by `compare`. */
  private tell(source: Source, muted: boolean): void {
    const publication_id = this.up.publicationOf(source)
    if (!publication_id) return
    this.told.set(source, muted)
    this.commands.command('set_muted', { publication_id, muted }).catch(() => {
      if (this.told.get(source) === muted) this.told.delete(source)
    })
  }

  private may(source: Source): boolean {
    return this.allowed().includes(source)
  }

  private set(part: Partial<Own>): void {
    this.cell.update((own) => ({ ...own, ...part }))
  }

  private stopTracks(stream: MediaStream | null): void {
    for (const track of stream?.getTracks() ?? []) track.stop()
  }
}
