import { LARGEST_PICTURE } from './scene'

const SIDES = [1600, 1200, 900, 640, 420]
const QUALITIES = [0.85, 0.7, 0.5]

/** Makes a picture small enough to stand on a board; what is transparent becomes white. Null: it cannot be read. */
export async function shrunk(dataURL: string): Promise<string | null> {
  if (dataURL.length <= LARGEST_PICTURE) return dataURL
  const image = new Image()
  image.src = dataURL
  try {
    await image.decode()
  } catch {
    return null
  }
  for (const side of SIDES) {
    const canvas = scaled(image, image.naturalWidth, image.naturalHeight, side)
    const text = smallest(canvas)
    if (text) return text
  }
  return null
}

/** A canvas as a picture small enough, or null when the canvas is too large for that. */
export function smallest(canvas: HTMLCanvasElement): string | null {
  for (const type of ['image/webp', 'image/jpeg']) {
    for (const quality of QUALITIES) {
      const text = canvas.toDataURL(type, quality)
      if (text.startsWith(`data:${type}`) && text.length <= LARGEST_PICTURE) return text
    }
  }
  return null
}

export function scaled(
  source: CanvasImageSource,
  width: number,
  height: number,
  side: number,
): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const paper = canvas.getContext('2d')!
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, canvas.width, canvas.height)
  paper.drawImage(source, 0, 0, canvas.width, canvas.height)
  return canvas
}
