/** The bank's part of the API: it comes with the bank's pages. */
import type { Client } from 'openapi-fetch'
import { answer } from '../../api/answer'
import type { components, paths } from '../../api/schema'
import { sentName } from '../../base/fileName'
import type { Answer } from '../questions/shapes'
import type { Item } from './plain'
import type { State } from './list'
import type { Format, Readable } from './reporting'
import type { ItemsWanted, ItemView, StatesWanted, Tried } from './shapes'

type Schemas = components['schemas']

export interface Trial {
  item: Item
  seed: string
  language: string
  answer: Answer | null
}

export function bankApi(http: Client<paths>) {
  const bank = (bank_id: string) => ({ path: { bank_id } })
  const item = (item_id: string) => ({ path: { item_id } })
  const plain = (one: Item) => one as unknown as Schemas['CreateItem']['item']
  const view = (asked: Parameters<typeof answer<Schemas['ItemView']>>[0]) =>
    answer(asked) as unknown as Promise<ItemView>
  return {
    banks: (archived = false) => answer(http.GET('/api/banks', { params: { query: { archived } } })),
    createBank: (title: string, shared: boolean) =>
      answer(http.POST('/api/banks', { body: { title, shared, organisation_id: null } })),
    changeBank: (id: string, body: Schemas['ChangeBank']) =>
      answer(http.PUT('/api/banks/{bank_id}', { params: bank(id), body })),
    objectives: (organisation_id?: string) =>
      answer(http.GET('/api/objectives', { params: { query: organisation_id ? { organisation_id } : {} } })),
    addObjective: (body: Schemas['AddObjective']) => answer(http.POST('/api/objectives', { body })),

    items: (bankId: string, query: ItemsWanted) =>
      answer(http.GET('/api/banks/{bank_id}/items', { params: { ...bank(bankId), query } })),
    createItem: (bankId: string, one: Item) =>
      view(http.POST('/api/banks/{bank_id}/items', { params: bank(bankId), body: { item: plain(one) } })),
    item: (id: string, version?: number) =>
      view(http.GET('/api/items/{item_id}', { params: { ...item(id), query: version ? { version } : {} } })),
    changeItem: (id: string, version: number, one: Item) =>
      view(http.PUT('/api/items/{item_id}', { params: item(id), body: { version, item: plain(one) } })),
    setState: (id: string, version: number, state: State, comment: string) =>
      view(http.POST('/api/items/{item_id}/state', { params: item(id), body: { version, state, comment } })),
    setStates: (bankId: string, wanted: StatesWanted) =>
      answer(
        http.POST('/api/banks/{bank_id}/items/state', {
          params: bank(bankId),
          body: wanted as unknown as Schemas['SetItemStates'],
        }),
      ),
    preview: (trial: Trial): Promise<Tried> =>
      answer(
        http.POST('/api/items/preview', {
          body: { ...trial, item: plain(trial.item), answer: trial.answer as Record<string, unknown> | null },
        }),
      ) as unknown as Promise<Tried>,

    addMedia: (bankId: string, file: File) =>
      answer(
        http.POST('/api/banks/{bank_id}/media', {
          params: { ...bank(bankId), query: { name: sentName(file.name) } },
          ...bytes(file),
        }),
      ),
    importQuestions: (bankId: string, file: File, format: Readable) =>
      answer(
        http.POST('/api/banks/{bank_id}/import', {
          params: { ...bank(bankId), query: { name: sentName(file.name), format } },
          ...bytes(file),
        }),
      ),
    exportQuestions: (bankId: string, format: Format) =>
      answer(http.GET('/api/banks/{bank_id}/export', { params: { ...bank(bankId), query: { format } } })),
  }
}

export type Api = ReturnType<typeof bankApi>

/** A file as it is, not as JSON. */
function bytes(file: File) {
  return {
    body: file as never,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
  }
}
