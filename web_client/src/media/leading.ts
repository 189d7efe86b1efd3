import type { Link } from '../api/link'
import type { Commands, Source } from '../api/types'
import type { Reaction, Rights } from './told'

const UNCHANGED = { speak: null, show: null, share: null, write: null }

/** What one asks of the room beside sound and picture. Each throws the room's refusal. */
export class Leader {
  constructor(private readonly link: Pick<Link, 'command'>) {}

  raiseHand = (raised: boolean) => this.ask('raise_hand', { raised })
  /** Null: everybody's. */
  lowerHand = (participant_id: string | null) => this.ask('lower_hand', { participant_id })
  react = (kind: Reaction) => this.ask('react', { kind })
  callForHelp = (on: boolean) => this.ask('call_for_help', { on })
  goTo = (place: string) => this.ask('go_to', { place })

  /** Null: of all learners, and of those who come later. */
  setRights = (participant_id: string | null, rights: Partial<Rights>) =>
    this.ask('set_rights', { participant_id, ...UNCHANGED, ...rights })
  askToUnmute = (participant_id: string | null, source: Source) =>
    this.ask('ask_to_unmute', { participant_id, source })
  muteAll = (source: Source) => this.ask('mute_all', { source })
  stopPublication = (publication_id: string) => this.ask('stop_publication', { publication_id })
  remove = (participant_id: string, to_lobby: boolean) =>
    this.ask('remove_participant', { participant_id, to_lobby })
  setSecond = (participant_id: string, on: boolean) =>
    this.ask('set_second', { participant_id, on })

  setLobby = (on: boolean) => this.ask('set_lobby', { on })
  /** Null: everybody who waits. */
  admit = (participant_id: string | null) => this.ask('admit', { participant_id })
  tellWaiting = (text: string) => this.ask('tell_waiting', { text })

  setSpotlight = (participant_id: string | null) => this.ask('set_spotlight', { participant_id })
  startTimer = (seconds: number, title: string) => this.ask('start_timer', { seconds, title })
  stopTimer = () => this.ask('stop_timer', {})
  pickAtRandom = () => this.ask('pick_at_random', {})
  callBreakouts = (text: string) => this.ask('call_breakouts', { text })
  putInto = (participant_id: string, place: string) =>
    this.ask('put_into', { participant_id, place })
  showNothing = () => this.ask('show_nothing', {})

  private async ask<Name extends keyof Commands>(
    name: Name,
    body: Commands[Name]['body'],
  ): Promise<void> {
    await this.link.command(name, body)
  }
}
