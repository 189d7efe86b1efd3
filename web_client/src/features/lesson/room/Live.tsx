import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { RoomModel } from './model'

/** Read aloud to those who do not see the page: who came, who went, what was written. */
export function Live({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { turn, key, name, text } = useValue(model.announcement)
  return (
    <p className="vh" aria-live="polite" data-announcement={turn}>
      {turn > 0 && <span key={turn}>{t(`room.said.${key}`, { name, text })}</span>}
    </p>
  )
}
