// Ground that no cell has: draw a new cell there, fill a gap, take a cell away. All of it changes the extent.
import type { CellFacts, CellKey, Coverage, Node, Ring } from './coverage'
import { isIn, meet, placesBetween, tidy, withoutRepeats } from './cut'
import { Halves, isInside, ringsOf, simpleRings, walkRound } from './faces'
import { area2, isSame, middle, type Point, whereInRing } from './point'
import { Refusal } from './refusal'

/** Rings round what no cell has: counter-clockwise round a gap, clockwise round an island of cells. */
export function freeRings(coverage: Coverage): Ring[] {
  return ringsOf(coverage, freeHalves(coverage))
}

function freeHalves(coverage: Coverage): Halves {
  const halves = new Halves()
  for (const [a, b] of coverage.edges()) {
    if (coverage.leftOf(a, b) === null) halves.add(a, b)
    if (coverage.leftOf(b, a) === null) halves.add(b, a)
  }
  return halves
}

const isFree = (coverage: Coverage, at: Point): boolean => {
  for (const cell of coverage.cells.values()) if (isIn(coverage, cell, at)) return false
  return true
}

/** A new cell where the drawn ring covers ground that no cell has. */
export function newCell(coverage: Coverage, drawn: readonly Point[], facts: CellFacts, key: CellKey): void {
  const ring = closedRing(drawn)
  const line = [...ring, ring[0] as Point]
  const hits = meet(coverage, line, null, (a, b) => coverage.isRim(a, b))
  if (hits.length < 2) {
    if (ring.some((at) => !isFree(coverage, at))) throw new Refusal('NO_FREE_LAND', ring[0] ?? null)
    finish(
      coverage,
      ring.map((at) => coverage.addNode(at)),
      facts,
      key,
    )
    return
  }
  // Begin at a hit, so that no stretch runs over the ring's first place.
  const lengthened = [...line.slice(0, -1), ...line]
  const again = hits.map((hit) => ({ ...hit, segment: hit.segment + ring.length }))
  const halves = freeHalves(coverage)
  const starts: [Node, Node][] = []
  hits.forEach((from, i) => {
    const to = hits[i + 1] ?? again[0]
    if (!to || to.node === from.node) return
    const between = placesBetween(coverage, lengthened, from, to)
    if (between.length === 0 && coverage.leftOf(from.node, to.node) !== undefined) {
      if (coverage.leftOf(from.node, to.node) === null) starts.push([from.node, to.node])
      return
    }
    if (!isFree(coverage, middle(coverage.at(from.node), between[0] ?? coverage.at(to.node)))) return
    const nodes = [from.node, ...between.map((at) => coverage.addNode(at)), to.node]
    nodes.slice(1).forEach((b, n) => {
      halves.add(nodes[n] as Node, b)
    })
    starts.push([nodes[0] as Node, nodes[1] as Node])
  })
  const found = new Map<string, Ring>()
  const inDrawn = (outline: Ring) =>
    outline.every(
      (node) => whereInRing(coverage.at(node), ring) !== -1 || hits.some((hit) => hit.node === node),
    )
  for (const [a, b] of starts)
    for (const outline of simpleRings(walkRound(coverage, halves, a, b)))
      if (coverage.area2(outline) > 0 && inDrawn(outline))
        found.set([...outline].sort((p, q) => p - q).join(), outline)
  const [outline] = found.values()
  if (!outline || found.size > 1) throw new Refusal('NO_FREE_LAND', ring[0] ?? null)
  finish(coverage, outline, facts, key)
  for (const { node, isNew } of hits) if (isNew && !outline.includes(node)) tidy(coverage, node)
}

/** A new cell of the whole gap round a place. */
export function fillGap(coverage: Coverage, at: Point, facts: CellFacts, key: CellKey): void {
  const gaps = freeRings(coverage).filter(
    (ring) => coverage.area2(ring) > 0 && whereInRing(at, coverage.outline(ring)) === 1,
  )
  const [gap] = gaps.sort((p, q) => coverage.area2(p) - coverage.area2(q))
  if (!gap || !isFree(coverage, at)) throw new Refusal('NO_FREE_LAND', at)
  finish(coverage, gap, facts, key)
}

/** The ground of a cell leaves the grid. */
export function takeAway(coverage: Coverage, key: CellKey): void {
  coverage.drop(key)
}

/** Islands of cells that lie inside the outline are its holes. */
function finish(coverage: Coverage, outline: Ring, facts: CellFacts, key: CellKey): void {
  const own = new Set(outline)
  const holes = freeRings(coverage).filter(
    (ring) =>
      coverage.area2(ring) < 0 && !ring.some((node) => own.has(node)) && isInside(coverage, ring, outline),
  )
  coverage.store({ ...facts, key, rings: [outline, ...holes] })
}

function closedRing(drawn: readonly Point[]): Point[] {
  const ring = withoutRepeats(drawn)
  if (ring.length > 1 && isSame(ring[0] as Point, ring.at(-1) as Point)) ring.pop()
  if (ring.length < 3) throw new Refusal('TOO_FEW_CORNERS', ring[0] ?? null)
  return area2(ring) > 0 ? ring : ring.reverse()
}
