import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../base/errors'
import { usePart } from '../../base/react'
import { myPlace } from '../../media/roomState'
import { useServices } from '../../services'
import { Waiting } from '../../ui/Waiting'
import type { RoomModel } from '../lesson/room/model'
import { Notes } from './notes/View'
import { Failing, useSync } from './Shown'
import { findNotes } from './show'

/** The notes of the lesson, or of the breakout that one is in, beside the stage. */
export default function NotesPanel({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { link } = useServices()
  const place = usePart(model.room.state, myPlace)
  const [found, setFound] = useState<{ id: string; error: unknown }>({ id: '', error: null })
  useEffect(() => {
    let over = false
    setFound({ id: '', error: null })
    findNotes(link).then(
      (id) => over || setFound({ id, error: null }),
      (error: unknown) => over || setFound({ id: '', error }),
    )
    return () => {
      over = true
    }
  }, [link, place])
  if (found.error !== null) return <p role="alert">{explain(found.error)}</p>
  if (!found.id) return <Waiting>{t('board.opening')}</Waiting>
  return <Found key={found.id} model={model} id={found.id} />
}

function Found({ model, id }: { model: RoomModel; id: string }) {
  const { t } = useTranslation()
  const sync = useSync(model, id)
  if (!sync) return null
  return (
    <Failing sync={sync}>
      <Notes sync={sync} name={t('board.notes')} />
    </Failing>
  )
}
