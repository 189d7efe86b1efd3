import { useElementSize } from '@mantine/hooks'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { useServices } from '../../../services'
import { Waiting } from '../../../ui/Waiting'
import { Leaf } from '../Leaf'
import classes from '../View.module.css'
import { draw, openPdf, wordsOf } from './pdf'

interface SlidesProps {
  fileId: string
  title: string
  page: number
  turn?: (page: number) => void
}

/** A PDF, page by page. All follow who shows it; each may leaf on their own, and come back. */
export default function Slides({ fileId, title, page, turn }: SlidesProps) {
  const { t } = useTranslation()
  const { pdf, error } = usePdf(fileId)
  const [own, setOwn] = useState<number | null>(null)
  useEffect(() => setOwn(null), [page])
  const count = pdf?.numPages ?? page + 1
  const number = Math.max(0, Math.min(own ?? page, count - 1))
  const go = (next: number) => {
    if (next < 0 || next >= count) return
    if (turn) turn(next)
    else setOwn(next === page ? null : next)
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    go(number + step)
  }
  return (
    <section
      className={classes.board}
      aria-label={title}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={press}
      data-slides={pdf ? 'open' : error ? 'failed' : 'opening'}
      data-page={number}
    >
      <div className={classes.slide}>
        {error !== null && <p role="alert">{explain(error)}</p>}
        {!pdf && error === null && <Waiting>{t('board.opening')}</Waiting>}
        {pdf && <Page pdf={pdf} number={number} />}
      </div>
      <div className={classes.foot}>
        <p className={classes.saved}>{title}</p>
        <Leaf number={number} count={count} go={go} shown={page} back={own === null ? null : () => setOwn(null)} />
      </div>
    </section>
  )
}

function Page({ pdf, number }: { pdf: PDFDocumentProxy; number: number }) {
  const { t } = useTranslation()
  const { ref, width, height } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [words, setWords] = useState('')
  useEffect(() => {
    if (!width || !height || !canvas.current) return
    let stop = () => {}
    let over = false
    const home = canvas.current
    const run = async () => {
      const drawing = await draw(pdf, number, home, { width, height })
      if (over) return drawing.cancel()
      stop = () => drawing.cancel()
      await drawing.promise
      if (over) return
      home.dataset.drawn = String(number)
      setWords(await wordsOf(pdf, number))
    }
    run().catch(() => undefined)
    return () => {
      over = true
      stop()
    }
  }, [pdf, number, width, height])
  return (
    <div ref={ref} className={classes.fit}>
      <canvas ref={canvas} role="img" aria-label={`${t('board.page')} ${number + 1}. ${words}`} />
    </div>
  )
}

function usePdf(fileId: string) {
  const { api } = useServices()
  const [found, setFound] = useState<{ pdf: PDFDocumentProxy | null; error: unknown }>({
    pdf: null,
    error: null,
  })
  useEffect(() => {
    let over = false
    let close = () => {}
    const run = async () => {
      const { url } = await api.fileLink(fileId)
      if (over) return
      const task = openPdf({ url })
      close = () => void task.destroy()
      const pdf = await task.promise
      if (!over) setFound({ pdf, error: null })
    }
    run().catch((error: unknown) => {
      if (!over) setFound({ pdf: null, error })
    })
    return () => {
      over = true
      close()
      setFound({ pdf: null, error: null })
    }
  }, [api, fileId])
  return found
}
