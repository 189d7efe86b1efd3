import { useEffect, useState } from 'react'
import type { BoardView } from '../../../api/types'
import { Refusal } from '../../../base/errors'
import { useServices } from '../../../services'

/** Which presentation of a room this is. */
export function useSlides(roomId: string, id: string) {
  const { api } = useServices()
  const [found, setFound] = useState<{ board: BoardView | null; error: unknown }>({
    board: null,
    error: null,
  })
  useEffect(() => {
    let over = false
    const look = async () => {
      const { items } = await api.boards(roomId)
      const board = items.find((one) => one.id === id)
      if (!board) throw new Refusal('not_found', 404)
      if (!over) setFound({ board, error: null })
    }
    look().catch((error: unknown) => {
      if (!over) setFound({ board: null, error })
    })
    return () => {
      over = true
    }
  }, [api, roomId, id])
  return found
}
