import type { ReactNode } from 'react'
import type { Places } from './Rich'
import classes from './Question.module.css'
import { type Picture, plainOf } from './shapes'

/** The picture on which something is pointed at or put; `children` is SVG in its own pixels. */
export function PictureBelow({ picture, media, children }: { picture: Picture; media: Places; children?: ReactNode }) {
  const { width, height } = picture
  const said = plainOf(picture.words) || picture.media.alt || ''
  const place = media[picture.media.sha256]
  return (
    <>
      {place ? (
        <img src={place} alt={said} draggable={false} style={{ aspectRatio: `${width} / ${height}` }} />
      ) : (
        <div className={classes.noPicture} style={{ aspectRatio: `${width} / ${height}` }}>
          {said}
        </div>
      )}
      {children && (
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {children}
        </svg>
      )}
    </>
  )
}
