// Which borders are near a place: a hash grid over edges. An edge stands in every square it runs through.
import type { Point } from './point'

/** A little over 100 m of latitude. */
const SQUARE = 2 ** 17
const STRIDE = 2 ** 21

/** An undirected edge between two nodes, as one number. */
export type EdgeKey = number
const NODES = 2 ** 26

export const edgeKey = (a: number, b: number): EdgeKey => (a < b ? a * NODES + b : b * NODES + a)
export const endsOf = (key: EdgeKey): [number, number] => [Math.floor(key / NODES), key % NODES]

export class EdgeIndex {
  private readonly squares = new Map<number, Set<EdgeKey>>()

  add(key: EdgeKey, a: Point, b: Point): void {
    for (const square of squaresOf(a, b)) {
      const there = this.squares.get(square)
      if (there) there.add(key)
      else this.squares.set(square, new Set([key]))
    }
  }

  remove(key: EdgeKey, a: Point, b: Point): void {
    for (const square of squaresOf(a, b)) {
      const there = this.squares.get(square)
      there?.delete(key)
      if (there?.size === 0) this.squares.delete(square)
    }
  }

  /** Edges that may come within `reach` units of the box; some farther ones too. */
  near(west: number, south: number, east: number, north: number, reach: number): Set<EdgeKey> {
    const found = new Set<EdgeKey>()
    const top = Math.floor((north + reach) / SQUARE)
    const right = Math.floor((east + reach) / SQUARE)
    for (let x = Math.floor((west - reach) / SQUARE); x <= right; x++)
      for (let y = Math.floor((south - reach) / SQUARE); y <= top; y++)
        for (const key of this.squares.get(x * STRIDE + y) ?? []) found.add(key)
    return found
  }

  alongSegment(a: Point, b: Point, reach: number): Set<EdgeKey> {
    return this.near(
      Math.min(a[0], b[0]),
      Math.min(a[1], b[1]),
      Math.max(a[0], b[0]),
      Math.max(a[1], b[1]),
      reach,
    )
  }
}

/** Squares that a segment runs through, a column at a time; at a column's side perhaps one too many. */
function squaresOf(a: Point, b: Point): number[] {
  const [from, to] = a[0] <= b[0] ? [a, b] : [b, a]
  const first = Math.floor(from[0] / SQUARE)
  const last = Math.floor(to[0] / SQUARE)
  const squares: number[] = []
  const slope = to[0] === from[0] ? 0 : (to[1] - from[1]) / (to[0] - from[0])
  for (let x = first; x <= last; x++) {
    const enters = x === first ? from[1] : from[1] + (x * SQUARE - from[0]) * slope
    const leaves = x === last ? to[1] : from[1] + ((x + 1) * SQUARE - from[0]) * slope
    const low = Math.floor(Math.min(enters, leaves) / SQUARE)
    const high = Math.floor(Math.max(enters, leaves) / SQUARE)
    for (let y = low; y <= high; y++) squares.push(x * STRIDE + y)
  }
  return squares
}
