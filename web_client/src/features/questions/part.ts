import type { FileKeeper } from './keeper'
import type { Places } from './Rich'
import type { Answer, Kind, Of } from './shapes'

/** What each kind's own part of a question is given. `name` is an id that no other question of the page has. */
export interface Part<K extends Kind> {
  shown: Of<K>
  answer: Answer
  give: (answer: Answer) => void
  disabled: boolean
  media: Places
  files: FileKeeper
  name: string
}
