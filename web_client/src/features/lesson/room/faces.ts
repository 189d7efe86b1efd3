import { useEffect, useState } from 'react'
import { facesOf } from './layout'
import type { RoomModel } from './model'

/** The ids of the faces to show; the same list as long as nobody came or went. */
export function useFaces(model: RoomModel): readonly string[] {
  const read = () =>
    facesOf(model.room.state.get(), model.layout.get().bright).map(({ id }) => id)
  const [faces, setFaces] = useState(read)
  useEffect(() => {
    const look = () =>
      setFaces((before) => {
        const now = read()
        return now.length === before.length && now.every((id, i) => id === before[i]) ? before : now
      })
    look()
    const stops = [model.room.state.watch(look), model.layout.watch(look)]
    return () => stops.forEach((stop) => stop())
  }, [model])
  return faces
}
