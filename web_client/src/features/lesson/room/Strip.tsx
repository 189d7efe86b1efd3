import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import type { Value } from '../../../base/value'
import { Icon } from '../../../ui/Icon'
import { useFaces } from './faces'
import type { RoomModel } from './model'
import { Tile } from './Tile'
import classes from './View.module.css'

/** The faces beside the stage, always in the same places: oneself first, then as they came. */
export function Strip({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const faces = useFaces(model)
  const me = usePart(model.room.state, (room) => room.me)
  const inOrder = [...faces.filter((id) => id === me), ...faces.filter((id) => id !== me)]
  return (
    <section className={classes.strip} aria-label={t('room.people', { count: faces.length })}>
      <ul>
        {inOrder.map((id) => (
          <li key={id}>
            <Tile model={model} id={id} now={now} />
          </li>
        ))}
      </ul>
      <button type="button" className={classes.more} onClick={() => model.setView('grid')}>
        <Icon name="layout-grid" />
        <span>{t('room.everybody')}</span>
      </button>
    </section>
  )
}
