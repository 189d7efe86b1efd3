/** Areas of a picture, in its own pixels from the top left; see `lms_core/items/content.py`. */
import type { Area, Picture } from './plain'

export type Point = readonly [x: number, y: number]

/** The area drawn from one point to another; a polygon gets the second as its next corner. */
export function drawn(area: Area, from: Point, to: Point): Area {
  const numbers = (...all: number[]) => ({ shape: area.shape, numbers: all.map((one) => String(Math.round(one))) })
  switch (area.shape) {
    case 'rect':
      return numbers(Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1]))
    case 'circle':
      return numbers(from[0], from[1], Math.hypot(to[0] - from[0], to[1] - from[1]))
    case 'polygon':
      return numbers(...area.numbers.map(Number), ...to)
  }
}

/** Points whose mean is the middle of the area. */
export function cornersOf({ shape, numbers }: Area): Point[] {
  const all = numbers.map(Number)
  const [a = 0, b = 0, c, d] = all
  if (shape === 'circle') return c === undefined ? [] : [[a, b]]
  if (shape === 'rect') return d === undefined ? [] : [[a, b], [c!, d]]
  return all.flatMap((x, at) => (at % 2 === 0 && all[at + 1] !== undefined ? [[x, all[at + 1]!] as const] : []))
}

/** Whether the area is one, within the picture. */
export function isFit(area: Area | undefined, { width, height }: Pick<Picture, 'width' | 'height'>): boolean {
  if (!area) return false
  const all = area.numbers.map(Number)
  const [a = 0, b = 0, c = 0, d = 0] = all
  switch (area.shape) {
    case 'rect':
      return all.length === 4 && a >= 0 && b >= 0 && a < c && b < d && c <= width && d <= height
    case 'circle':
      return all.length === 3 && c > 0 && a >= 0 && b >= 0 && a <= width && b <= height
    case 'polygon':
      return all.length >= 6 && all.length % 2 === 0 && all.every((one, at) => one >= 0 && one <= (at % 2 ? height : width))
  }
}

/** An area in the middle of the picture, to be moved to its place. */
export function middle({ width, height }: Pick<Picture, 'width' | 'height'>): Area {
  const part = (of: number, share: number) => String(Math.round(of * share))
  return { shape: 'rect', numbers: [part(width, 0.4), part(height, 0.4), part(width, 0.6), part(height, 0.6)] }
}
