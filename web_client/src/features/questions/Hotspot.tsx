import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../ui/Icon'
import type { Part } from './part'
import { moved, type Point, pointOf, spotAt, spotted, within } from './picture'
import { PictureBelow } from './PictureBelow'
import classes from './Question.module.css'

/** Points on a picture: by touch or mouse, and by a cross that the arrow keys move. */
export function Hotspot({ shown, answer, give, disabled, media, name }: Part<'hotspot'>) {
  const { t } = useTranslation()
  const { picture, most } = shown
  const place = useRef<HTMLDivElement>(null)
  const [cross, setCross] = useState<Point | null>(null)
  const spots = (answer.kind === 'spotted' && answer.spots) || []
  const put = (point: Point) => give({ kind: 'spotted', spots: spotted(spots, spotAt(point), most) })
  const pointed = (event: PointerEvent) => {
    if (disabled || event.button !== 0 || !place.current) return
    put(within({ x: event.clientX, y: event.clientY }, place.current.getBoundingClientRect(), picture))
    setCross(null)
  }
  const typed = (event: KeyboardEvent) => {
    if (disabled) return
    const from = cross ?? { x: picture.width / 2, y: picture.height / 2 }
    const next = moved(from, event.key, event.shiftKey, picture)
    if (next) setCross(next)
    else if (event.key === 'Enter' || event.key === ' ') put(from)
    else return
    event.preventDefault()
  }
  const share = ({ x, y }: Point) => ({ left: `${(x / picture.width) * 100}%`, top: `${(y / picture.height) * 100}%` })
  const said = ({ x, y }: Point) =>
    t('questions.place', {
      across: Math.round((x / picture.width) * 100),
      down: Math.round((y / picture.height) * 100),
    })
  return (
    <div className={classes.stack}>
      <p className={classes.legend} id={`${name}-rule`}>
        {t('questions.point')}
        {most !== 1 && <span className="muted"> · {t('questions.pointsMost', { number: most })}</span>}
      </p>
      <div
        ref={place}
        className={classes.picture}
        role="application"
        aria-roledescription={t('questions.pictureToPoint')}
        aria-labelledby={`${name}-rule`}
        aria-describedby={`${name}-keys`}
        tabIndex={disabled ? -1 : 0}
        data-picture=""
        onPointerUp={pointed}
        onKeyDown={typed}
        onFocus={(event) => event.target.matches(':focus-visible') && setCross({ x: picture.width / 2, y: picture.height / 2 })}
        onBlur={() => setCross(null)}
      >
        <PictureBelow picture={picture} media={media} />
        {spots.map((spot, at) => (
          <span key={`${spot.x} ${spot.y}`} className={classes.spot} style={share(pointOf(spot))} aria-hidden="true">
            {most === 1 ? '' : at + 1}
          </span>
        ))}
        {cross && <span className={classes.cross} style={share(cross)} aria-hidden="true" />}
      </div>
      <p className="sb-help hide-p" id={`${name}-keys`}>
        {t('questions.pointKeys')}
      </p>
      <p className="vh" aria-live="polite">
        {cross && said(cross)}
      </p>
      {spots.length > 0 && (
        <ul className={classes.chips} data-spots={spots.length}>
          {spots.map((spot, at) => (
            <li key={`${spot.x} ${spot.y}`} className={classes.chip}>
              <span className="num">
                {t('questions.spot', { number: at + 1 })}: {said(pointOf(spot))}
              </span>
              {!disabled && (
                <button
                  type="button"
                  className={classes.remove}
                  aria-label={t('questions.removeSpot', { number: at + 1 })}
                  onClick={() => {
                    give({ kind: 'spotted', spots: spots.filter((one) => one !== spot) })
                    place.current?.focus({ preventScroll: true })
                  }}
                >
                  <Icon name="x" size={16} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
