import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { stopwatch } from '../../base/format'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { chapterAt } from './chapters'
import classes from './Line.module.css'
import type { Playback } from './model'
import { titleOf } from './words'

/** Milliseconds between two jumps while one drags. */
const DRAG = 150

/** The time line: where one is, what was not recorded, where hands, polls and chapters are. */
export function Line({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const at = useValue(playback.at)
  const [dragged, drag] = useDragging(playback)
  const shown = dragged ?? at
  const chapter = playback.chapters[chapterAt(playback.chapters, shown)]
  const told = t('playback.position', {
    at: stopwatch(shown * 1000),
    whole: stopwatch(playback.seconds * 1000),
  })
  return (
    <div className={classes.line}>
      <div className={classes.track}>
        <span className={classes.done} style={{ width: share(shown, playback.seconds) }} />
        <Gaps playback={playback} />
        <Marks playback={playback} />
        <input
          type="range"
          data-line
          min={0}
          max={Math.ceil(playback.seconds)}
          step={0.1}
          value={shown.toFixed(1)}
          aria-label={t('playback.line')}
          aria-valuetext={told}
          onChange={(event) => drag(Number(event.currentTarget.value))}
        />
      </div>
      <p className={`sm num ${classes.times}`}>
        <span data-at={shown.toFixed(2)}>{told}</span>
        {chapter && <span className="muted cut">{titleOf(chapter, t)}</span>}
      </p>
    </div>
  )
}

/** While one drags, the line follows the finger and the pictures follow now and then. */
function useDragging(playback: Playback): [number | null, (to: number) => void] {
  const { clock } = useServices()
  const [to, setTo] = useState<number | null>(null)
  const cancel = useRef<(() => void) | null>(null)
  const newest = useRef(0)
  useEffect(() => () => cancel.current?.(), [])
  const drag = (next: number) => {
    newest.current = next
    setTo(next)
    if (cancel.current) return
    playback.jump(next)
    cancel.current = clock.after(DRAG, () => {
      cancel.current = null
      if (newest.current !== next) playback.jump(newest.current)
      setTo(null)
    })
  }
  return [to, drag]
}

function Gaps({ playback }: { playback: Playback }) {
  const gaps = useValue(playback.gaps)
  return gaps.map(({ from, to }) => (
    <span
      key={from}
      className={classes.gap}
      style={{ left: share(from, playback.seconds), width: share(to - from, playback.seconds) }}
    />
  ))
}

/** For the eye; the same places are in the lists beside. */
function Marks({ playback }: { playback: Playback }) {
  const { chapters, story, seconds } = playback
  const hands = story.of('hand').filter(({ body }) => body.raised !== false)
  return (
    <span aria-hidden="true">
      {chapters.slice(1).map(({ at, kind }) => (
        <i key={`${kind}${at}`} className={kind === 'poll' ? classes.poll : classes.chapter} style={{ left: share(at, seconds) }} />
      ))}
      {hands.map(({ at_s }) => (
        <i key={`hand${at_s}`} className={classes.hand} style={{ left: share(at_s, seconds) }} />
      ))}
    </span>
  )
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${Math.min(100, (part / whole) * 100)}%` : '0'
}
