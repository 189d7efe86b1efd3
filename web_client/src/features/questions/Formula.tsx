import { useEffect, useRef, useState } from 'react'
import classes from './Rich.module.css'

const fetched = () => import('./katex')

/** A formula. Its script and letters come when the first one is shown; until then, and without them, its source. */
export function Formula({ source, block = false }: { source: string; block?: boolean }) {
  const place = useRef<HTMLSpanElement>(null)
  const [drawn, setDrawn] = useState(false)
  useEffect(() => {
    let there = true
    fetched().then(
      ({ draw }) => {
        if (!there || !place.current) return
        draw(source, place.current, block)
        setDrawn(true)
      },
      () => undefined,
    )
    return () => {
      there = false
    }
  }, [source, block])
  return (
    <span className={block ? classes.block : classes.formula} data-formula={source}>
      {!drawn && <code>{source}</code>}
      <span ref={place} />
    </span>
  )
}
