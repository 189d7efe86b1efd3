import { useElementSize } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import type { Value } from '../../../base/value'
import { Icon } from '../../../ui/Icon'
import { columnsFor, pageOf, roomFor } from './layout'
import type { RoomModel } from './model'
import { useFaces } from './faces'
import { Tile } from './Tile'
import classes from './View.module.css'

const GAP = 8

/** Everybody, in the order in which they came, by pages. Nothing moves when somebody speaks. */
export function Grid({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const { ref, width, height } = useElementSize()
  const faces = useFaces(model)
  const most = usePart(model.layout, ({ tiles }) => tiles)
  const [asked, ask] = useState(0)
  const size = roomFor(width || 1, height || 1, GAP, most)
  const { items, number, pages } = pageOf(faces, asked, size)
  useEffect(() => ask(number), [number])
  const columns = columnsFor(items.length, width || 1, height || 1, GAP)
  return (
    <main id="main" className={classes.grid} tabIndex={-1}>
      <h2 className="vh">{t('room.people', { count: faces.length })}</h2>
      <ul
        ref={ref}
        style={{
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          gridAutoRows: 'minmax(0, 1fr)',
        }}
      >
        {items.map((id) => (
          <li key={id}>
            <Tile model={model} id={id} now={now} whole />
          </li>
        ))}
      </ul>
      {pages > 1 && (
        <nav className={classes.pages} aria-label={t('room.pages')}>
          <Turn icon="chevron-left" name="room.pageBefore" to={number - 1} pages={pages} ask={ask} />
          <span className="num" data-page={number + 1}>
            {number + 1} / {pages}
          </span>
          <Turn icon="chevron-right" name="room.pageAfter" to={number + 1} pages={pages} ask={ask} />
        </nav>
      )}
      <Alone model={model} />
    </main>
  )
}

function Turn(props: {
  icon: 'chevron-left' | 'chevron-right'
  name: string
  to: number
  pages: number
  ask: (page: number) => void
}) {
  const { t } = useTranslation()
  const { icon, name, to, pages, ask } = props
  return (
    <button
      type="button"
      aria-label={t(name)}
      disabled={to < 0 || to >= pages}
      onClick={() => ask(to)}
    >
      <Icon name={icon} />
    </button>
  )
}

/** Said when nobody else is here. */
export function Alone({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const here = usePart(model.room.state, ({ participants }) => participants.length)
  return here === 1 ? <p className={classes.tag}>{t('room.alone')}</p> : null
}
