import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { Icon } from '../../../ui/Icon'
import type { RoomModel } from './model'
import { Tile } from './Tile'
import classes from './View.module.css'

/** The faces beside the stage, always in the same places: oneself first, then as they came. */
export function Strip({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const { participants, me } = useValue(model.room.state)
  const inOrder = [
    ...participants.filter(({ id }) => id === me),
    ...participants.filter(({ id }) => id !== me),
  ]
  return (
    <section
      className={classes.strip}
      aria-label={t('room.people', { count: participants.length })}
    >
      <ul>
        {inOrder.map((participant) => (
          <li key={participant.id}>
            <Tile model={model} participant={participant} now={now} />
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
