/** What the bank's part of the API speaks of, by short names. */
import type { components } from '../../api/schema'
import type { Shown } from '../questions/shapes'
import type { Filter, State } from './list'
import type { Item } from './plain'

type Schemas = components['schemas']

export type BankView = Schemas['BankView']
export type Objective = Schemas['ObjectiveView']
export type ObjectiveList = Schemas['ObjectiveList']
/** Of the organisation: its subjects and objectives; `read` again once one was added. */
export type Directory = ObjectiveList & { read(): Promise<void> }
export type ItemRow = Schemas['ItemRow']
export type ItemsPage = { items: ItemRow[]; next: string | null; total: number; at: string }
export interface ItemsWanted {
  search?: string
  kind?: string
  subject?: string
  objective?: string
  difficulty?: number
  state?: string
  language?: string
  after?: string
}
/** Either `items` or all that `filter` finds, as `SetItemStates` says. */
export interface StatesWanted {
  state: State
  comment: string
  items?: { id: string; version: number }[]
  filter?: Filter
  seen_at?: string
  after?: string
  most?: number
}
export type StatesChanged = Schemas['StatesChanged']
export type ItemView = Omit<Schemas['ItemView'], 'item'> & { item: Item }
export type Outcome = Schemas['Outcome']
export type Tried = Omit<Schemas['Tried'], 'shown'> & { shown: Shown | null }
export type Note = Schemas['Note']
/** What became of a file of questions. */
export interface Imported {
  taken: number
  refused: Note[]
  noted: Note[]
}
export type Exported = Schemas['Export']
