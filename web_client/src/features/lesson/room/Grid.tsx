import { useElementSize } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { columnsFor } from './layout'
import type { RoomModel } from './model'
import { Tile } from './Tile'
import classes from './View.module.css'

const GAP = 8

/** Everybody, in the order in which they came. Nothing moves when somebody speaks. */
export function Grid({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const { ref, width, height } = useElementSize()
  const { participants } = useValue(model.room.state)
  const columns = columnsFor(participants.length, width || 1, height || 1, GAP)
  const rows = Math.ceil(participants.length / columns)
  const fits = height / rows >= 84
  return (
    <main id="main" className={classes.grid} tabIndex={-1}>
      <h2 className="vh">{t('room.people', { count: participants.length })}</h2>
      <ul
        ref={ref}
        style={{
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          gridAutoRows: fits ? 'minmax(0, 1fr)' : 'max-content',
        }}
      >
        {participants.map((participant) => (
          <li key={participant.id} className={fits ? undefined : classes.shaped}>
            <Tile model={model} participant={participant} now={now} whole />
          </li>
        ))}
      </ul>
    </main>
  )
}
