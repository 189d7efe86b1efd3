import { createContext, useContext } from 'react'
import type { Language } from '../../api/types'
import type { Fault } from './faults'
import type { Body, Item, Media } from './plain'

/** What every field of the editor needs. */
export interface Editing {
  item: Item
  change(part: (item: Item) => Item): void
  /** Those whose texts are on the page now, in order. */
  languages: readonly Language[]
  /** What is to be told of what is wrong. */
  faults: readonly Fault[]
  media: Readonly<Record<string, string>>
  /** Takes a picture, sound or film of this device; answers what stands for it. Throws a Refusal. */
  add(file: File): Promise<Media & { url: string }>
  /** Only to be read. */
  disabled: boolean
}

export const EditingContext = createContext<Editing | null>(null)

export function useEditing(): Editing {
  const editing = useContext(EditingContext)
  if (!editing) throw new Error('no question above this component')
  return editing
}

/** The body of the question, of a kind that is known here, and how it is changed. */
export function useBody<B extends Body>(): { body: B; put: (part: Partial<B>) => void } {
  const { item, change } = useEditing()
  return {
    body: item.body as B,
    put: (part) => change((now) => ({ ...now, body: { ...now.body, ...part } as Body })),
  }
}

export const LANGUAGE_NAMES: Record<Language, string> = { kk: 'Қазақша', ru: 'Русский', en: 'English' }
