import {
  CaptureUpdateAction,
  convertToExcalidrawElements,
  exportToCanvas,
  exportToSvg,
  reconcileElements,
  restoreElements,
} from '@excalidraw/excalidraw'
import type { BinaryFiles, ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { type Sheet, pdfOf } from './pdf'
import { scaled, shrunk, smallest } from './pictures'
import { type Element, missing, type Scene } from './scene'

/** How often what a hand does is written down. */
const EVERY = 40
const SHARP = 2
const LONGEST_SIDE = 4000

/** Excalidraw and one page of the document, kept the same. Answers how to part them. */
export function tie(api: ExcalidrawImperativeAPI, scene: Scene, page: string, mayWrite: () => boolean) {
  const known = new Map<string, string>()
  const busy = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const sign = (element: Element) => `${element.version} ${element.versionNonce}`

  // Excalidraw begins with an empty scene of its own, a moment after it is there: what is shown before that is lost.
  let loaded = !api.getAppState().isLoading
  const show = () => {
    if (!loaded) return
    const theirs = restoreElements(scene.elements(page), null)
    api.addFiles(scene.pictures(theirs))
    const mine = api.getSceneElementsIncludingDeleted()
    const elements = reconcileElements(
      mine as Parameters<typeof reconcileElements>[0],
      theirs as unknown as Parameters<typeof reconcileElements>[1],
      api.getAppState(),
    )
    for (const element of theirs) known.set(element.id, sign(element))
    api.updateScene({ elements, captureUpdate: CaptureUpdateAction.NEVER })
  }
  const write = () => {
    timer = undefined
    if (!mayWrite()) return
    const elements = api.getSceneElementsIncludingDeleted()
    const changed = elements.filter((element) => known.get(element.id) !== sign(element))
    for (const element of changed) known.set(element.id, sign(element))
    if (changed.length) scene.write(page, changed)
    void keepPictures(elements, api.getFiles())
  }
  const keepPictures = async (elements: readonly Element[], files: BinaryFiles) => {
    for (const file of missing(scene, elements, files)) {
      if (busy.has(file.id)) continue
      busy.add(file.id)
      const small = await shrunk(file.dataURL)
      if (small) scene.addPicture(file.id, small)
    }
  }
  const soon = () => {
    if (loaded) timer ??= setTimeout(write, EVERY)
    else {
      loaded = true
      show()
      // On a small screen the middle of the paper may be empty.
      const drawn = api.getSceneElements()
      if (drawn.length) api.scrollToContent(drawn, { fitToContent: true, maxZoom: 1, animate: false } as never)
    }
  }
  show()
  const endings = [scene.watch(page, show), api.onChange(soon)]
  return () => {
    if (timer !== undefined) {
      clearTimeout(timer)
      write()
    }
    for (const end of endings) end()
  }
}

/** A page with a picture as its ground, locked, so that it is drawn on and not moved. */
export function putGround(scene: Scene, page: string, canvas: HTMLCanvasElement): boolean {
  const picture = smallest(canvas) ?? smallest(scaled(canvas, canvas.width, canvas.height, 800))
  if (!picture) return false
  const fileId = crypto.randomUUID()
  if (!scene.addPicture(fileId, picture)) return false
  const { width, height } = canvas
  const skeleton = { type: 'image', x: 0, y: 0, width, height, fileId, status: 'saved', locked: true }
  scene.write(page, convertToExcalidrawElements([skeleton as never]))
  return true
}

// ---- giving it out

function drawn(scene: Scene, page: string) {
  const elements = restoreElements(scene.elements(page), null).filter((one) => !one.isDeleted)
  const files: BinaryFiles = {}
  for (const file of scene.pictures(elements)) files[file.id] = file
  const appState = { exportBackground: true, viewBackgroundColor: '#ffffff' }
  return { elements, files, appState, exportPadding: 24 }
}

export async function canvasOf(scene: Scene, page: string): Promise<HTMLCanvasElement> {
  const getDimensions = (width: number, height: number) => {
    const scale = Math.min(SHARP, LONGEST_SIDE / Math.max(width, height, 1))
    return { width: width * scale, height: height * scale, scale }
  }
  return exportToCanvas({ ...drawn(scene, page), getDimensions })
}

export async function pngOf(scene: Scene, page: string): Promise<Blob> {
  return blobOf(await canvasOf(scene, page), 'image/png')
}

export async function svgOf(scene: Scene, page: string): Promise<Blob> {
  const svg = await exportToSvg(drawn(scene, page))
  return new Blob([svg.outerHTML], { type: 'image/svg+xml' })
}

/** All pages in one file. */
export async function wholeOf(scene: Scene): Promise<Blob> {
  const sheets: Sheet[] = []
  for (const page of scene.pages()) {
    const canvas = await canvasOf(scene, page)
    const blob = await blobOf(canvas, 'image/jpeg')
    const jpeg = new Uint8Array(await blob.arrayBuffer())
    sheets.push({ jpeg, width: canvas.width, height: canvas.height })
  }
  return pdfOf(sheets)
}

function blobOf(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), type, 0.9)
  })
}
