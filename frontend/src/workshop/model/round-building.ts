// A border that runs through a building goes round it instead: along its walls, the shorter way, a little off them.
import type { CellKey, Coverage, Node } from './coverage'
import {
  area2,
  doTouch,
  isSame,
  metresBetween,
  middle,
  nearestOn,
  type Point,
  perMetre,
  turn,
  whereInRing,
} from './point'
import { Refusal } from './refusal'
import { replaceEdge } from './reshape'

/** So far from the wall: more than a border's least distance from anything, less than a pavement. */
const OFF_WALL_M = 0.5

/** A border on a building's wall is none through it. */
export function goesThrough(a: Point, b: Point, ring: readonly Point[]): boolean {
  let crossings = 0
  ring.forEach((c, i) => {
    const d = ring[(i + 1) % ring.length] as Point
    if (doTouch(a, b, c, d) && turn(a, b, c) !== 0 && turn(a, b, d) !== 0) crossings++
  })
  return crossings > 0 || whereInRing(middle(a, b), ring) === 1
}

/** Leads every border of a cell that runs through the building round it; corners inside of it move out. */
export function goRound(coverage: Coverage, key: CellKey, building: readonly Point[]): void {
  const off = offWall(building)
  for (const node of new Set(coverage.cell(key).rings.flat()))
    if (whereInRing(coverage.at(node), building) !== -1)
      coverage.move(node, nearestOutside(coverage.at(node), building))
  // Borders that two of the cell's rings have need it once each: the cell is read anew after each.
  for (;;) {
    const edge = edgeThrough(coverage, key, building)
    if (!edge) return
    const [a, b] = edge
    const way = wayRound(coverage.at(a), coverage.at(b), building, off)
    replaceEdge(
      coverage,
      a,
      b,
      way.map((at) => coverage.addNode(at)),
    )
  }
}

function edgeThrough(coverage: Coverage, key: CellKey, building: readonly Point[]): [Node, Node] | null {
  for (const ring of coverage.cell(key).rings)
    for (const [i, a] of ring.entries()) {
      const b = ring[(i + 1) % ring.length] as Node
      if (goesThrough(coverage.at(a), coverage.at(b), building)) return [a, b]
    }
  return null
}

/** The corners between a and b, round the building the shorter way. */
function wayRound(a: Point, b: Point, building: readonly Point[], off: readonly Point[]): Point[] {
  const isFree = (way: readonly Point[]) =>
    way.slice(1).every((to, i) => !goesThrough(way[i] as Point, to, building))
  const length = (way: readonly Point[]) =>
    way.slice(1).reduce((sum, to, i) => sum + metresBetween(way[i] as Point, to), 0)
  const ways = [off, [...off].reverse()]
    .flatMap((ring) => ring.map((_, start) => [...ring.slice(start), ...ring.slice(0, start)]))
    .flatMap((ring) => ring.map((_, count) => [a, ...ring.slice(0, count + 1), b]))
    .map((way) => ({ way, long: length(way) }))
    .sort((p, q) => p.long - q.long)
  const best = ways.find(({ way }) => isFree(way))?.way
  if (!best) throw new Refusal('NO_WAY_ROUND', a)
  return best.slice(1, -1)
}

/** The building's corners, each moved away from its two walls. */
function offWall(building: readonly Point[]): Point[] {
  const ring = building.filter((at, i) => !isSame(at, building[(i + 1) % building.length] as Point))
  const outwards = area2(ring) > 0 ? 1 : -1
  const unit = perMetre(ring[0]?.[1] ?? 0)
  const normal = (from: Point, to: Point): Point => {
    const [x, y] = [(to[0] - from[0]) / unit.x, (to[1] - from[1]) / unit.y]
    const long = Math.hypot(x, y)
    return [(outwards * y) / long, (-outwards * x) / long]
  }
  return ring.map((at, i) => {
    const before = normal(ring[(i - 1 + ring.length) % ring.length] as Point, at)
    const after = normal(at, ring[(i + 1) % ring.length] as Point)
    const [x, y] = [before[0] + after[0], before[1] + after[1]]
    // At the mitre; a sharp corner is cut off rather than followed far out.
    const share = OFF_WALL_M / Math.max(0.35, (x * x + y * y) / 2)
    return [Math.round(at[0] + x * share * unit.x), Math.round(at[1] + y * share * unit.y)]
  })
}

/** The place off the nearest wall. */
function nearestOutside(at: Point, building: readonly Point[]): Point {
  const unit = perMetre(at[1])
  let best: Point = at
  let least = Infinity
  const outwards = area2(building) > 0 ? 1 : -1
  building.forEach((c, i) => {
    const d = building[(i + 1) % building.length] as Point
    if (isSame(c, d)) return
    const found = nearestOn(c, d, at)
    if (found.distance >= least) return
    least = found.distance
    const [x, y] = [(d[0] - c[0]) / unit.x, (d[1] - c[1]) / unit.y]
    const long = Math.hypot(x, y)
    best = [
      Math.round(found.at[0] + ((outwards * y) / long) * OFF_WALL_M * unit.x),
      Math.round(found.at[1] - ((outwards * x) / long) * OFF_WALL_M * unit.y),
    ]
  })
  return best
}
