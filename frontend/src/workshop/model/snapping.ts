// Where a pointer means to be: at a corner before a border, at a border before a building or a street.
import type { Coverage, Node } from './coverage'
import { isSame, nearestOn, type Point } from './point'
import type { Surroundings } from './surroundings'

export interface Snapped {
  at: Point
  to: 'corner' | 'border' | 'building' | 'street' | null
  /** The border it is on, or the corner twice. */
  edge: readonly [Node, Node] | null
}

export interface Reach {
  /** Units: 10 pixels for corners, 7 for lines. */
  corner: number
  line: number
}

/** `not`: corners that move with the pointer, and cannot draw it to themselves. */
export function snap(
  coverage: Coverage,
  around: Surroundings,
  at: Point,
  reach: Reach,
  not: ReadonlySet<Node> = new Set(),
): Snapped {
  let corner: Node | null = null
  let least = reach.corner
  let border: { at: Point; edge: readonly [Node, Node]; distance: number } | null = null
  for (const [a, b] of coverage.edgesNear(at, at, Math.max(reach.corner, reach.line))) {
    for (const node of [a, b]) {
      if (not.has(node)) continue
      const there = coverage.at(node)
      const far = Math.hypot(there[0] - at[0], there[1] - at[1])
      if (far < least) {
        least = far
        corner = node
      }
    }
    if (not.has(a) || not.has(b)) continue
    const found = nearestOn(coverage.at(a), coverage.at(b), at)
    if (found.distance < Math.min(reach.line, border?.distance ?? Infinity))
      border = {
        at: [Math.round(found.at[0]), Math.round(found.at[1])],
        edge: [a, b],
        distance: found.distance,
      }
  }
  if (corner !== null) return { at: coverage.at(corner), to: 'corner', edge: [corner, corner] }
  if (border) return { at: border.at, to: 'border', edge: border.edge }
  const other = around.nearest(at, reach.line)
  return other && !isSame(other.at, at)
    ? { at: other.at, to: other.kind, edge: null }
    : { at, to: null, edge: null }
}

/** The border of these cells nearest to a place, within reach. */
export function borderNear(
  coverage: Coverage,
  at: Point,
  reach: number,
  isWanted: (a: Node, b: Node) => boolean = () => true,
): [Node, Node] | null {
  let best: [Node, Node] | null = null
  let least = reach
  for (const [a, b] of coverage.edgesNear(at, at, reach)) {
    if (!isWanted(a, b)) continue
    const { distance } = nearestOn(coverage.at(a), coverage.at(b), at)
    if (distance < least) {
      least = distance
      best = [a, b]
    }
  }
  return best
}

/** The corner of a border nearest to a place, within reach. */
export function cornerNear(coverage: Coverage, at: Point, reach: number): Node | null {
  let best: Node | null = null
  let least = reach
  for (const ends of coverage.edgesNear(at, at, reach))
    for (const node of ends) {
      const there = coverage.at(node)
      const far = Math.hypot(there[0] - at[0], there[1] - at[1])
      if (far < least) {
        least = far
        best = node
      }
    }
  return best
}
