import { Button } from '@mantine/core'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../ui/Icon'
import { Sign } from './Sign'
import { brought, orderOf, placeAt } from './order'
import type { Part } from './part'
import classes from './Question.module.css'
import { RichText } from './Rich'
import { plainOf } from './shapes'

/** Into an order: dragged by the handle, or one step up and down. */
export function Ordering({ shown, answer, give, disabled, media }: Part<'ordering'>) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const [said, say] = useState('')
  const focus = useRef<{ id: string; way: string } | null>(null)
  const answered = answer.kind === 'ordered' && (answer.ids ?? []).length > 0
  const order = orderOf(
    shown.options.map(({ id }) => id),
    answer.kind === 'ordered' ? answer.ids : undefined,
  )
  const options = new Map(shown.options.map((one) => [one.id, one]))
  const bring = (from: number, to: number, way = '') => {
    const id = order[from]!
    const next = brought(order, from, to)
    give({ kind: 'ordered', ids: next })
    say(t('questions.movedTo', { words: plainOf(options.get(id)?.words), number: next.indexOf(id) + 1 }))
    if (way) focus.current = { id, way }
  }
  useEffect(() => {
    const { id, way } = focus.current ?? {}
    focus.current = null
    const row = id === undefined ? null : list.current?.querySelector(`[data-row="${id}"]`)
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('button[data-way]') ?? [])].filter((b) => !b.disabled)
    ;(buttons.find((b) => b.dataset.way === way) ?? buttons[0])?.focus()
  })
  const over = (event: PointerEvent): number => {
    const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect())
    return placeAt(event.clientY, rows.map(({ top, height }) => top + height / 2), drag?.from ?? 0)
  }
  const shownOrder = drag ? brought(order, drag.from, drag.to) : order
  return (
    <div className={classes.stack}>
      <p className={classes.legend}>{t('questions.order')}</p>
      <ol className={classes.order} ref={list}>
        {shownOrder.map((id, at) => {
          const words = plainOf(options.get(id)?.words)
          return (
            <li key={id} className={classes.row} data-row={id} data-moving={drag !== null && order[drag.from] === id}>
              {!disabled && (
                <span
                  className={classes.handle}
                  aria-hidden="true"
                  onPointerDown={(event) => {
                    event.currentTarget.setPointerCapture(event.pointerId)
                    setDrag({ from: order.indexOf(id), to: order.indexOf(id) })
                  }}
                  onPointerMove={(event) => drag && setDrag({ ...drag, to: over(event) })}
                  onPointerUp={() => {
                    if (drag && drag.to !== drag.from) bring(drag.from, drag.to)
                    setDrag(null)
                  }}
                  onPointerCancel={() => setDrag(null)}
                >
                  <Sign name="grip" />
                </span>
              )}
              <b className="num">{at + 1}</b>
              <div className={classes.words}>
                <RichText rich={options.get(id)?.words} media={media} inline />
              </div>
              {!disabled && (
                <>
                  <button
                    type="button"
                    className={classes.step}
                    data-way="up"
                    disabled={at === 0}
                    aria-label={t('questions.up', { words })}
                    onClick={() => bring(at, at - 1, 'up')}
                  >
                    <Sign name="up" />
                  </button>
                  <button
                    type="button"
                    className={classes.step}
                    data-way="down"
                    disabled={at === order.length - 1}
                    aria-label={t('questions.down', { words })}
                    onClick={() => bring(at, at + 1, 'down')}
                  >
                    <Icon name="chevron-down" />
                  </button>
                </>
              )}
            </li>
          )
        })}
      </ol>
      <p className="vh" aria-live="polite">
        {said}
      </p>
      {!answered && !disabled && (
        <div className={classes.asIs}>
          <p className="sm muted">{t('questions.orderNone')}</p>
          <Button variant="default" size="sm" onClick={() => give({ kind: 'ordered', ids: order })}>
            {t('questions.orderAsIs')}
          </Button>
        </div>
      )}
    </div>
  )
}
