import { type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Pairs } from './Pairs'
import { paired, type PairRule, toggledPair } from './pairs'
import type { Part } from './part'
import { holds, middle, type Point, within } from './picture'
import { PictureBelow } from './PictureBelow'
import classes from './Question.module.css'
import { RichText } from './Rich'
import { type Area, type Option, plainOf } from './shapes'

const FAR = 6

/** Labels onto a picture: dragged, or picked and put with two touches, or chosen in the list below it. */
export function DragOnto({ shown, answer, give, disabled, media }: Part<'drag_onto'>) {
  const { t } = useTranslation()
  const { picture, labels, zones, reuse } = shown
  const place = useRef<HTMLDivElement>(null)
  const [picked, setPicked] = useState('')
  const [drag, setDrag] = useState<(Point & { id: string; from: Point }) | null>(null)
  const pairs = (answer.kind === 'paired' && answer.pairs) || []
  const rule: PairRule = { most: reuse ? 0 : 1, reuse: true }
  const put = (label: string, at: Point) => {
    const box = place.current?.getBoundingClientRect()
    if (!box || at.x < box.left || at.x > box.right || at.y < box.top || at.y > box.bottom) return
    const zone = zones.find(({ area }) => holds(area, within(at, box, picture)))
    if (!zone) return
    const there = pairs.some((one) => one.left === label && one.right === zone.id)
    const next = reuse && !there ? toggledPair(pairs, label, zone.id, rule) : paired(pairs, label, zone.id, rule)
    if (next && !(reuse && there)) give({ kind: 'paired', pairs: next })
    setPicked('')
  }
  const taken = (id: string) => (event: PointerEvent<HTMLElement>) => {
    if (disabled || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const from = { x: event.clientX, y: event.clientY }
    setDrag({ id, ...from, from })
  }
  const dragged = (event: PointerEvent) => drag && setDrag({ ...drag, x: event.clientX, y: event.clientY })
  const dropped = (event: PointerEvent) => {
    if (!drag) return
    const at = { x: event.clientX, y: event.clientY }
    setDrag(null)
    if (far(drag.from, at)) put(drag.id, at)
    else setPicked((before) => (before === drag.id ? '' : drag.id))
  }
  const chip = (one: Option) => (
    <span
      className={classes.label}
      data-label={one.id}
      data-picked={picked === one.id}
      data-disabled={disabled}
      onPointerDown={taken(one.id)}
      onPointerMove={dragged}
      onPointerUp={dropped}
      onPointerCancel={() => setDrag(null)}
    >
      <RichText rich={one.words} media={media} inline />
    </span>
  )
  const moving = drag && far(drag.from, drag) && labels.find(({ id }) => id === drag.id)
  return (
    <div className={classes.stack}>
      <p className={classes.legend}>
        {t('questions.drag')}
        {reuse && <span className="muted"> · {t('questions.manyTimes')}</span>}
      </p>
      <div
        ref={place}
        className={classes.picture}
        data-picking={picked !== ''}
        onPointerUp={(event) => picked && put(picked, { x: event.clientX, y: event.clientY })}
      >
        <PictureBelow picture={picture} media={media}>
          {zones.map(({ id, area }) => (
            <ZoneShape key={id} area={area} on={pairs.some(({ right }) => right === id)} />
          ))}
        </PictureBelow>
        {zones.map(({ id, area }, at) => {
          const here = labels.filter((one) => pairs.some(({ left, right }) => left === one.id && right === id))
          const { x, y } = middle(area)
          return (
            <span
              key={id}
              className={classes.zone}
              style={{ left: `${(x / picture.width) * 100}%`, top: `${(y / picture.height) * 100}%` }}
              data-zone={id}
              aria-hidden="true"
            >
              <b>{at + 1}</b>
              {here.map((one) => (
                <span key={one.id} className={classes.put}>
                  <RichText rich={one.words} media={media} inline />
                </span>
              ))}
            </span>
          )
        })}
      </div>
      <p className="sb-help">{t('questions.dragHelp')}</p>
      <Pairs
        left={labels.map((one) => ({ ...one, shown: chip(one) }))}
        right={zones.map((one, at) => ({ ...one, sign: `${at + 1}` }))}
        pairs={pairs}
        rule={rule}
        disabled={disabled}
        give={(next) => give({ kind: 'paired', pairs: next })}
      />
      {moving && (
        <span className={classes.moving} style={{ left: drag.x, top: drag.y }} aria-hidden="true">
          {plainOf(moving.words)}
        </span>
      )}
    </div>
  )
}

function far(a: Point, b: Point): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) > FAR
}

function ZoneShape({ area, on }: { area: Area; on: boolean }) {
  const n = area.numbers.map(Number)
  const shared = { className: classes.zoneShape, 'data-on': on }
  if (area.shape === 'circle') return <circle {...shared} cx={n[0]} cy={n[1]} r={n[2]} />
  if (area.shape === 'polygon') return <polygon {...shared} points={n.join(' ')} />
  return <rect {...shared} x={n[0]} y={n[1]} width={n[2]! - n[0]!} height={n[3]! - n[1]!} />
}
