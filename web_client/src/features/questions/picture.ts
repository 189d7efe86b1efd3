import type { Area, Spot } from './shapes'

export interface Point {
  x: number
  y: number
}
interface Size {
  width: number
  height: number
}

/** Where in the picture's own pixels a place on the screen is; never outside of it. */
export function within(at: Point, box: { left: number; top: number } & Size, picture: Size): Point {
  return {
    x: clamp(((at.x - box.left) / (box.width || 1)) * picture.width, picture.width),
    y: clamp(((at.y - box.top) / (box.height || 1)) * picture.height, picture.height),
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value))
}

/** As it is sent: tenths of a pixel. */
export function spotAt(point: Point): Spot {
  return { x: tenths(point.x), y: tenths(point.y) }
}

const tenths = (value: number) => String(Math.round(value * 10) / 10)

export function pointOf(spot: Spot): Point {
  return { x: Number(spot.x), y: Number(spot.y) }
}

/** With one more; where there may be no more, the oldest goes. The same place twice is one. */
export function spotted(spots: readonly Spot[], spot: Spot, most: number): Spot[] {
  const others = spots.filter((one) => one.x !== spot.x || one.y !== spot.y)
  const kept = [...others, spot]
  return most > 0 ? kept.slice(-most) : kept
}

/** Where an arrow key brings a cross: a fiftieth of the picture, with Shift a single pixel. */
export function moved(point: Point, key: string, fine: boolean, picture: Size): Point | null {
  const step = fine ? 1 : Math.max(picture.width, picture.height) / 50
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  }
  const way = ways[key]
  if (!way) return null
  return { x: clamp(point.x + way[0] * step, picture.width), y: clamp(point.y + way[1] * step, picture.height) }
}

/** Whether a point lies in an area; its edge belongs to it. */
export function holds({ shape, numbers }: Area, { x, y }: Point): boolean {
  const n = numbers.map(Number)
  if (shape === 'rect') return x >= n[0]! && y >= n[1]! && x <= n[2]! && y <= n[3]!
  if (shape === 'circle') return Math.hypot(x - n[0]!, y - n[1]!) <= n[2]!
  let inside = false
  for (let i = 0, j = n.length - 2; i < n.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [n[i]!, n[i + 1]!, n[j]!, n[j + 1]!]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** The middle of an area, where its number stands. */
export function middle({ shape, numbers }: Area): Point {
  const n = numbers.map(Number)
  if (shape === 'circle') return { x: n[0]!, y: n[1]! }
  const xs = n.filter((_, at) => at % 2 === 0)
  const ys = n.filter((_, at) => at % 2 === 1)
  const mean = (all: number[]) => (Math.min(...all) + Math.max(...all)) / 2
  return { x: mean(xs), y: mean(ys) }
}
