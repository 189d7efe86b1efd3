import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist'
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url'
import { scaled } from '../whiteboard/pictures'

GlobalWorkerOptions.workerSrc = worker

const HOME = '/pdf/'
const SIDE = 1400

/** Opens a PDF: no script in it runs (this reader has neither eval nor scripting), nothing is asked for outside. */
export function openPdf(source: { url: string } | { data: ArrayBuffer }) {
  return getDocument({
    ...source,
    cMapUrl: `${HOME}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${HOME}standard_fonts/`,
    wasmUrl: `${HOME}wasm/`,
    iccUrl: `${HOME}iccs/`,
    useWasm: false,
    enableXfa: false,
    stopAtErrors: false,
  } as Parameters<typeof getDocument>[0])
}

/** Draws a page as large as fits into a box, in the screen's own points. Answers how to stop, and when it is done. */
export async function draw(
  pdf: PDFDocumentProxy,
  number: number,
  canvas: HTMLCanvasElement,
  box: { width: number; height: number },
) {
  const page = await pdf.getPage(number + 1)
  const plain = page.getViewport({ scale: 1 })
  const fit = Math.min(box.width / plain.width, box.height / plain.height)
  const viewport = page.getViewport({ scale: fit * Math.min(globalThis.devicePixelRatio || 1, 2) })
  canvas.width = Math.max(1, Math.floor(viewport.width))
  canvas.height = Math.max(1, Math.floor(viewport.height))
  canvas.style.width = `${Math.floor(plain.width * fit)}px`
  canvas.style.height = `${Math.floor(plain.height * fit)}px`
  return page.render({ canvas, viewport, annotationMode: 0 })
}

/** The words of a page, for those who do not see it. */
export async function wordsOf(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const { items } = await (await pdf.getPage(number + 1)).getTextContent()
  return items.map((item) => ('str' in item ? item.str : '')).join(' ').replace(/\s+/g, ' ').trim()
}

/** The pages of a file as pictures; a picture is one page. */
export async function* sheetsOf(file: File, most: number): AsyncGenerator<HTMLCanvasElement> {
  if (file.type !== 'application/pdf') {
    const picture = await createImageBitmap(file)
    yield scaled(picture, picture.width, picture.height, SIDE)
    return
  }
  const task = openPdf({ data: await file.arrayBuffer() })
  const pdf = await task.promise
  for (let number = 0; number < Math.min(pdf.numPages, most); number += 1) {
    const canvas = document.createElement('canvas')
    const drawing = await draw(pdf, number, canvas, { width: SIDE, height: SIDE })
    await drawing.promise
    yield scaled(canvas, canvas.width, canvas.height, SIDE)
  }
  await task.destroy()
}
