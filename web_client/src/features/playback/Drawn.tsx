import { useEffect, useRef, useState } from 'react'
import type * as Y from 'yjs'
import { usePart } from '../../base/react'
import { useServices } from '../../services'
import type { Playback } from './model'
import { Past, readPast } from './past'
import classes from './Stage.module.css'
import type { Shown } from './story'

/** How often what was drawn is drawn again while it plays, in seconds of the recording. */
const EVERY = 0.5

/** The whiteboard or the notes as they were at this second. */
export default function Drawn({ playback, shown, began }: { playback: Playback; shown: Shown; began: string }) {
  const { past, came } = usePast(shown.id, began)
  const second = usePart(playback.at, (at) => Math.floor(at / EVERY) * EVERY)
  if (!past || !came) return null
  const step = past.stepAt(second)
  return (
    <div className={classes.drawn} data-drawn={shown.kind} data-step={step}>
      {shown.kind === 'notes' ? (
        <pre tabIndex={0}>{past.docOf(step).getText('notes').toString()}</pre>
      ) : (
        <Board past={past} step={step} page={shown.page} />
      )}
    </div>
  )
}

function usePast(id: string, began: string) {
  const { api } = useServices()
  const [found, setFound] = useState<{ past: Past | null; came: number }>({ past: null, came: 0 })
  useEffect(() => {
    let over = false
    const past = new Past(began)
    const came = () => {
      if (!over) setFound((before) => ({ past, came: before.past === past ? before.came + 1 : 1 }))
      return !over
    }
    readPast(api, id, past, came).catch(() => undefined) // its name stays, as for one that is gone
    return () => {
      over = true
    }
  }, [api, id, began])
  return found
}

/** One page of a whiteboard, drawn anew when it has changed: one drawing at a time, the newest last. */
function Board({ past, step, page }: { past: Past; step: number; page: number }) {
  const home = useRef<HTMLDivElement>(null)
  const wanted = useRef({ step: -1, page: -1 })
  const busy = useRef(false)
  useEffect(() => {
    wanted.current = { step, page }
    if (busy.current) return
    busy.current = true
    void drawAll(past, wanted, home).finally(() => {
      busy.current = false
    })
  }, [past, step, page])
  return <div ref={home} className={classes.paper} />
}

async function drawAll(
  past: Past,
  wanted: { current: { step: number; page: number } },
  home: { current: HTMLElement | null },
): Promise<void> {
  for (let drawn = { step: -1, page: -1 }; home.current && drawn !== wanted.current; ) {
    drawn = wanted.current
    const canvas = await picture(past.docOf(drawn.step), drawn.page)
    home.current?.replaceChildren(canvas)
  }
}

async function picture(doc: Y.Doc, page: number): Promise<HTMLCanvasElement> {
  await import('../board/whiteboard/fonts')
  const [{ Scene }, { canvasOf }] = await Promise.all([
    import('../board/whiteboard/scene'),
    import('../board/whiteboard/canvas'),
  ])
  const scene = new Scene(doc)
  const pages = scene.pages()
  return canvasOf(scene, pages[Math.min(page, pages.length - 1)]!)
}
