import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/client'
import type { Link } from '../../api/link'
import { usePart } from '../../base/react'
import { Cell } from '../../base/value'
import { leads, myPlace } from '../../media/roomState'
import { MAIN, type Leading } from '../../media/told'
import { useServices } from '../../services'
import { attempt } from '../lesson/room/attempt'
import type { Deed } from '../lesson/room/More'
import type { RoomModel } from '../lesson/room/model'

type Showing = NonNullable<Leading['showing']>
type Shared = 'board' | 'notes'

/** What somebody in a breakout has open: nothing there is shown to all by a teacher. */
interface Own {
  place: string
  showing: Showing
}

const ownCells = new WeakMap<RoomModel, Cell<Own | null>>()

function ownOf(model: RoomModel): Cell<Own | null> {
  const cell = ownCells.get(model) ?? new Cell<Own | null>(null)
  ownCells.set(model, cell)
  return cell
}

/** What stands on the stage: what is shown to all, in a breakout what one opened oneself. */
export function useShowing(model: RoomModel): Showing | null {
  const place = usePart(model.room.state, myPlace)
  const shown = usePart(model.room.state, ({ leading }) => leading.showing)
  const own = usePart(ownOf(model), (open) => (open?.place === place ? open.showing : null))
  return place === MAIN ? shown : own
}

/** Whoever looks at the grid is taken to the stage when something is put there. */
export function useStageFor(model: RoomModel): void {
  const id = useShowing(model)?.id
  useEffect(() => {
    if (id && model.layout.get().view === 'grid') model.setView('speaker')
  }, [model, id])
}

/** What may be put on the stage, as a menu. */
export function useShowDeeds(model: RoomModel, roomId: string | undefined): Deed[] {
  const { t } = useTranslation()
  const { api, link } = useServices()
  const [busy, setBusy] = useState(false)
  const lead = usePart(model.room.state, leads)
  const place = usePart(model.room.state, myPlace)
  const showing = useShowing(model)
  if (!roomId || (!lead && place === MAIN)) return []
  const show = (kind: Showing['kind'], id: string) => {
    if (place === MAIN) return link.command('show', { kind, id, page: 0 })
    ownOf(model).set({ place, showing: { kind, id, page: 0 } })
    return Promise.resolve()
  }
  const shared = (kind: Shared) => async () => {
    const { id } = await link.command('board_find', { kind })
    await show(kind, id)
  }
  const slides = async () => {
    const file = await choosePdf()
    if (!file) return
    setBusy(true)
    notifications.show({ message: t('board.uploading') })
    try {
      await show('slides', await uploaded(api, roomId, file))
    } finally {
      setBusy(false)
    }
  }
  const deeds: Deed[] = [
    { icon: 'pencil', name: t('board.showBoard'), act: () => void attempt(shared('board')()) },
    { icon: 'notebook', name: t('board.showNotes'), act: () => void attempt(shared('notes')()) },
  ]
  if (lead && place === MAIN && !busy) {
    deeds.push({ icon: 'upload', name: t('board.showSlides'), act: () => void attempt(slides()) })
  }
  if (showing) {
    const stop = () =>
      place === MAIN ? attempt(link.command('show_nothing', {})) : ownOf(model).set(null)
    deeds.push({ icon: 'eye-off', name: t('board.stop'), act: () => void stop() })
  }
  return deeds
}

/** The notes of the place that we are at. */
export async function findNotes(link: Link): Promise<string> {
  return (await link.command('board_find', { kind: 'notes' })).id
}

async function uploaded(api: Api, roomId: string, file: File): Promise<string> {
  const { id } = await api.uploadFile(roomId, file)
  const title = file.name.replace(/\.pdf$/i, '').slice(0, 200) || 'PDF'
  return (await api.addSlides(roomId, title, id, MAIN)).id
}

function choosePdf(): Promise<File | null> {
  return new Promise((resolve) => {
    const field = document.createElement('input')
    field.type = 'file'
    field.accept = 'application/pdf,.pdf'
    field.addEventListener('change', () => resolve(field.files?.[0] ?? null))
    field.addEventListener('cancel', () => resolve(null))
    field.click()
  })
}
