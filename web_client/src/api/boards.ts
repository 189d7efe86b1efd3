import type { Client } from 'openapi-fetch'
import { sentName } from '../base/fileName'
import { Refusal, refusalOf, unreachable } from '../base/errors'
import { answer } from './answer'
import type { paths } from './schema'

type Http = Client<paths>

export interface UploadedFile {
  id: string
  name: string
  type: string
  bytes: number
}

/** What a room draws, writes and shows. */
export function boardsApi(http: Http, fetcher: typeof fetch) {
  const room = (room_id: string) => ({ path: { room_id } })
  const board = (board_id: string) => ({ path: { board_id } })
  return {
    boards: (roomId: string) =>
      answer(http.GET('/api/rooms/{room_id}/boards', { params: room(roomId) })),
    addSlides: (roomId: string, title: string, file_id: string, place: string) =>
      answer(
        http.POST('/api/rooms/{room_id}/boards', {
          params: room(roomId),
          body: { title, file_id, place },
        }),
      ),
    /** Changes after a number, oldest first; all before in one where that is there. */
    boardUpdates: (boardId: string, after: number) =>
      answer(
        http.GET('/api/boards/{board_id}/updates', {
          params: { ...board(boardId), query: { after, merged: after === 0 } },
        }),
      ),
    /** All changes after a number, each with its time. */
    boardPast: (boardId: string, after: number) =>
      answer(
        http.GET('/api/boards/{board_id}/updates', { params: { ...board(boardId), query: { after } } }),
      ),
    keepBoardState: (boardId: string, number: number, state: string) =>
      answer(
        http.POST('/api/boards/{board_id}/state', { params: board(boardId), body: { number, state } }),
      ),
    /** Where a file lies now, for a short while. */
    fileLink: (file_id: string) =>
      answer(http.GET('/api/files/{file_id}', { params: { path: { file_id } } })),
    uploadFile: async (roomId: string, file: File): Promise<UploadedFile> => {
      const headers = {
        'X-Sabaq': '1',
        'X-File-Name': encodeURIComponent(sentName(file.name)),
        'Content-Type': file.type || 'application/octet-stream',
      }
      const body = { method: 'POST', credentials: 'same-origin', headers, body: file } as const
      const response = await fetcher(`/api/rooms/${roomId}/files`, body).catch(() => {
        throw unreachable()
      })
      const said: unknown = await response.json().catch(() => null)
      if (!response.ok) throw refusalOf(said, response.status)
      if (!said) throw new Refusal('unknown', response.status)
      return said as UploadedFile
    },
  }
}
