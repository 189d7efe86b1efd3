import { NativeSelect } from '@mantine/core'
import { type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useEditing } from '../context'
import type { Area, Picture } from '../plain'
import { cornersOf, drawn, type Point } from '../areas'
import classes from '../bank.module.css'
import { FaultsHere } from './Faults'
import { Line } from './Small'

export interface Drawn {
  id: string
  name: string
  area: Area
  /** Not right: drawn dashed. */
  wrong?: boolean
}

interface BoardProps {
  picture: Picture
  areas: readonly Drawn[]
  chosen: string
  /** The chosen one, as it was just drawn. */
  draw: (area: Area) => void
}

/** The picture with its areas; the chosen one is drawn anew by a finger or a mouse. The numbers below do the same. */
export function AreaBoard({ picture, areas, chosen, draw }: BoardProps) {
  const { t } = useTranslation()
  const { media, disabled } = useEditing()
  const board = useRef<SVGSVGElement>(null)
  const [from, setFrom] = useState<Point | null>(null)
  const at = areas.find(({ id }) => id === chosen)
  const point = (event: PointerEvent): Point => {
    const box = board.current!.getBoundingClientRect()
    const scale = (share: number, size: number) => Math.round(Math.min(1, Math.max(0, share)) * size)
    return [
      scale((event.clientX - box.left) / box.width, picture.width),
      scale((event.clientY - box.top) / box.height, picture.height),
    ]
  }
  const begin = (event: PointerEvent) => {
    if (!at || disabled || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const here = point(event)
    setFrom(here)
    if (at.area.shape === 'polygon') draw(drawn(at.area, here, here))
  }
  const move = (event: PointerEvent) => {
    if (from && at && at.area.shape !== 'polygon') draw(drawn(at.area, from, point(event)))
  }
  return (
    <div className={classes.board} style={{ aspectRatio: `${picture.width} / ${picture.height}` }}>
      <img src={media[picture.media.sha256]} alt="" draggable={false} />
      <svg
        ref={board}
        viewBox={`0 0 ${picture.width} ${picture.height}`}
        role="img"
        aria-label={t('bank.boardText')}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={() => setFrom(null)}
        onPointerCancel={() => setFrom(null)}
      >
        {areas.map((one) => (
          <g key={one.id} data-chosen={one.id === chosen} data-wrong={one.wrong} data-area={one.id}>
            <Outline area={one.area} />
            <Label one={one} size={Math.max(picture.width, picture.height) / 28} />
          </g>
        ))}
      </svg>
    </div>
  )
}

function Outline({ area }: { area: Area }) {
  const numbers = area.numbers.map(Number)
  const [a = 0, b = 0, c = 0, d = 0] = numbers
  if (area.shape === 'rect') return <rect x={a} y={b} width={Math.max(0, c - a)} height={Math.max(0, d - b)} />
  if (area.shape === 'circle') return <circle cx={a} cy={b} r={Math.max(0, c)} />
  return <polygon points={numbers.join(' ')} />
}

function Label({ one, size }: { one: Drawn; size: number }) {
  const corners = cornersOf(one.area)
  if (corners.length === 0) return null
  const x = corners.reduce((sum, [left]) => sum + left, 0) / corners.length
  const y = corners.reduce((sum, [, top]) => sum + top, 0) / corners.length
  return (
    <text x={x} y={y} fontSize={size} textAnchor="middle" dominantBaseline="central">
      {one.name}
    </text>
  )
}

interface FieldsProps {
  area: Area
  where: string
  onChange: (area: Area) => void
}

const NUMBERS = { rect: ['left', 'top', 'right', 'bottom'], circle: ['middleX', 'middleY', 'radius'] } as const

/** An area by its numbers, in pixels of the picture. */
export function AreaFields({ area, where, onChange }: FieldsProps) {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const set = (at: number, text: string) =>
    onChange({ ...area, numbers: Array.from({ length: NUMBERS[area.shape as 'rect'].length }, (_, n) => (n === at ? text.replace(',', '.').trim() || '0' : (area.numbers[n] ?? '0'))) })
  return (
    <div className={classes.areaFields} data-where={where}>
      <NativeSelect
        label={t('bank.shape.label')}
        value={area.shape}
        disabled={disabled}
        onChange={(event) => onChange({ shape: event.currentTarget.value as Area['shape'], numbers: [] })}
        data={(['rect', 'circle', 'polygon'] as const).map((value) => ({ value, label: t(`bank.shape.${value}`) }))}
      />
      {area.shape === 'polygon' ? (
        <Line
          label={t('bank.corners')}
          where={`${where}.numbers`}
          value={area.numbers.join(' ')}
          className={classes.wideField}
          onChange={(text) => onChange({ ...area, numbers: text.split(/[\s,;]+/).filter((one) => /^\d/.test(one)) })}
        />
      ) : (
        NUMBERS[area.shape].map((name, at) => (
          <Line key={name} label={t(`bank.side.${name}`)} where={`${where}.numbers[${at}]`} number value={area.numbers[at] ?? ''} className={classes.tiny} onChange={(text) => set(at, text)} />
        ))
      )}
      <FaultsHere where={where} />
    </div>
  )
}
