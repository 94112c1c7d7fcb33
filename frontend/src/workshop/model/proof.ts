// The proof that an edit left a seamless grid. Borders meet only in corners, every outline runs the right way
// round its ground, holes lie inside; so the winding number of all cells together is that of the outer border,
// and that stays as it was unless the extent is changed by name. Then no place has two cells and none is lost.
import type { Cell, Change, Coverage, Node } from './coverage'
import { edgeKey, endsOf } from './edge-index'
import { doTouch, isSame, nearestOn, type Point, perMetre, turn, whereInRing } from './point'
import { Refusal } from './refusal'

/** Borders keep 13 mm apart: the database, which rounds to the same grid, then changes no corner of ours. */
export const LEAST_GAP = 16
/** Square metres; the database gives smaller pieces away. */
export const LEAST_AREA_M2 = 12
/** By how much rounding may bend the outer border where it gets a corner. */
const BEND = 1

export function prove(coverage: Coverage, change: Change): void {
  const changed = changedEdges(coverage, change)
  for (const key of changed) proveApart(coverage, key)
  for (const key of coverage.touched(change)) {
    const cell = coverage.cells.get(key)
    if (cell) proveShape(coverage, cell)
  }
  if (change.extent === null) proveRim(coverage, change)
  else proveAlone(coverage, change)
}

type Half = string
const half = (a: Node, b: Node): Half => `${a}>${b}`

function halvesOf(cells: Iterable<Cell | null>): Map<Half, [Node, Node]> {
  const found = new Map<Half, [Node, Node]>()
  for (const cell of cells)
    for (const ring of cell?.rings ?? [])
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length] as Node
        found.set(half(a, b), [a, b])
      })
  return found
}

const states = (change: Change, way: 'before' | 'after') =>
  [...change.cells.values()].map((cell) => cell[way])

function changedEdges(coverage: Coverage, change: Change): Set<number> {
  const changed = new Set<number>()
  for (const node of change.moved.keys())
    for (const end of coverage.linksOf(node)) changed.add(edgeKey(node, end))
  if (change.cells.size === 0) return changed
  const before = new Set([...halvesOf(states(change, 'before')).values()].map(([a, b]) => edgeKey(a, b)))
  for (const [a, b] of halvesOf(states(change, 'after')).values())
    if (!before.has(edgeKey(a, b))) changed.add(edgeKey(a, b))
  return changed
}

/** This border meets others only in corners that they share, and comes no nearer than the least gap. */
function proveApart(coverage: Coverage, key: number): void {
  const [a, b] = endsOf(key)
  const A = coverage.at(a)
  const B = coverage.at(b)
  if (Math.hypot(A[0] - B[0], A[1] - B[1]) < LEAST_GAP) throw new Refusal('TOO_NARROW', A)
  for (const [c, d] of coverage.edgesNear(A, B, LEAST_GAP)) {
    if ((a === c && b === d) || (a === d && b === c)) continue
    const C = coverage.at(c)
    const D = coverage.at(d)
    if (a === c || a === d || b === c || b === d) {
      const shared = a === c || a === d ? A : B
      const one = shared === A ? B : A
      const other = shared === (a === c || b === c ? C : D) ? (a === c || b === c ? D : C) : C
      proveFork(shared, one, other)
    } else {
      if (doTouch(A, B, C, D)) throw new Refusal('CROSSING', meeting(A, B, C, D))
      for (const [p, from, to] of [
        [A, C, D],
        [B, C, D],
        [C, A, B],
        [D, A, B],
      ] as const)
        if (nearestOn(from, to, p).distance < LEAST_GAP) throw new Refusal('TOO_NARROW', p)
    }
  }
}

function proveFork(shared: Point, one: Point, other: Point): void {
  if (isSame(one, other)) throw new Refusal('CROSSING', one)
  const dot = (one[0] - shared[0]) * (other[0] - shared[0]) + (one[1] - shared[1]) * (other[1] - shared[1])
  if (dot <= 0) return
  if (turn(shared, one, other) === 0) throw new Refusal('CROSSING', one)
  if (nearestOn(shared, other, one).distance < LEAST_GAP) throw new Refusal('TOO_NARROW', one)
  if (nearestOn(shared, one, other).distance < LEAST_GAP) throw new Refusal('TOO_NARROW', other)
}

const meeting = (a: Point, b: Point, c: Point, d: Point): Point => {
  const rx = b[0] - a[0]
  const ry = b[1] - a[1]
  const across = rx * (d[1] - c[1]) - ry * (d[0] - c[0])
  if (across === 0) return nearestOn(a, b, c).distance < 1 ? c : a
  const along = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / across
  return [Math.round(a[0] + along * rx), Math.round(a[1] + along * ry)]
}

/** The outline runs counter-clockwise round enough ground, holes clockwise, inside of it and beside each other. */
function proveShape(coverage: Coverage, cell: Cell): void {
  const [outer = [], ...holes] = cell.rings
  const first = coverage.at(outer[0] as Node)
  const unit = perMetre(first[1])
  let area = coverage.area2(outer)
  if (area <= 0) throw new Refusal('COLLAPSED', first)
  const outline = holes.length > 0 ? coverage.outline(outer) : []
  holes.forEach((hole, i) => {
    const corner = coverage.at(hole[0] as Node)
    const covered = coverage.area2(hole)
    if (covered >= 0) throw new Refusal('COLLAPSED', corner)
    area += covered
    if (where(coverage, hole, outline) !== 1) throw new Refusal('HOLE_OUTSIDE', corner)
    for (const other of holes.slice(i + 1))
      if (
        where(coverage, hole, coverage.outline(other)) === 1 ||
        where(coverage, other, coverage.outline(hole)) === 1
      )
        throw new Refusal('HOLE_OUTSIDE', corner)
  })
  if (area / 2 / (unit.x * unit.y) < LEAST_AREA_M2) throw new Refusal('TOO_SMALL', first)
}

/** Where a ring lies that does not cross the outline: told by its first corner that is not on it. */
function where(coverage: Coverage, ring: readonly Node[], outline: readonly Point[]): 1 | 0 | -1 {
  for (const node of ring) {
    const side = whereInRing(coverage.at(node), outline)
    if (side !== 0) return side
  }
  return 0
}

/** The outer border is where it was; it may only have got corners. */
function proveRim(coverage: Coverage, change: Change): void {
  for (const [node, { before }] of change.moved)
    if (coverage.isOnRim(node)) throw new Refusal('EXTENT', before)
  if (change.cells.size === 0) return
  const before = halvesOf(states(change, 'before'))
  const after = halvesOf(states(change, 'after'))
  // What an edge has on its right, if that is a cell which the edit did not redraw.
  const hasOther = (a: Node, b: Node) => {
    const key = coverage.leftOf(b, a)
    return key !== null && key !== undefined && !change.cells.has(key)
  }
  const rimOf = (halves: Map<Half, [Node, Node]>) =>
    [...halves.values()].filter(([a, b]) => !halves.has(half(b, a)) && !hasOther(a, b))
  const wasRim = rimOf(before)
  const isRim = rimOf(after)
  const was = new Set(wasRim.map(([a, b]) => half(a, b)))
  const next = new Map<Node, Node>()
  for (const [a, b] of isRim) if (!was.has(half(a, b))) next.set(a, b)
  const now = new Set(isRim.map(([a, b]) => half(a, b)))
  for (const [a, b] of wasRim) {
    if (now.has(half(a, b))) continue
    let at = a
    while (at !== b) {
      const to = next.get(at)
      if (to === undefined || nearestOn(coverage.at(a), coverage.at(b), coverage.at(to)).distance > BEND)
        throw new Refusal('EXTENT', coverage.at(at))
      next.delete(at)
      at = to
    }
  }
  for (const node of next.keys()) throw new Refusal('EXTENT', coverage.at(node))
}

/** With another extent: no touched cell lies on the ground of a cell that it does not border. */
function proveAlone(coverage: Coverage, change: Change): void {
  for (const key of coverage.touched(change)) {
    const cell = coverage.cells.get(key)
    if (!cell) continue
    for (const other of coverage.cells.values()) {
      if (other.key === key) continue
      if (lies(coverage, cell, other)) throw new Refusal('OVERLAP', coverage.at(cell.rings[0]?.[0] as Node))
      if (lies(coverage, other, cell)) throw new Refusal('OVERLAP', coverage.at(other.rings[0]?.[0] as Node))
    }
  }
}

/** Is the cell inside the other? Their borders do not cross, so one corner beside them tells. */
function lies(coverage: Coverage, cell: Cell, other: Cell): boolean {
  const [outer = [], ...holes] = other.rings
  const outline = coverage.outline(outer)
  let west = Infinity
  let east = -Infinity
  let south = Infinity
  let north = -Infinity
  for (const [x, y] of outline) {
    west = Math.min(west, x)
    east = Math.max(east, x)
    south = Math.min(south, y)
    north = Math.max(north, y)
  }
  const corners = cell.rings[0] ?? []
  const [x, y] = coverage.at(corners[0] as Node)
  if (x < west || x > east || y < south || y > north) return false
  if (where(coverage, corners, outline) !== 1) return false
  return !holes.some((hole) => where(coverage, corners, coverage.outline(hole)) !== -1)
}
