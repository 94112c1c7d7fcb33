// Faces of a set of directed edges: from each edge go on along the next one clockwise from where it came, and the
// ground to the left of the walk is one face. A walk that comes back to a corner it has seen closes a ring there.
import type { Coverage, Node, Ring } from './coverage'
import { byAngle, type Point, whereInRing } from './point'

export class Halves {
  private readonly out = new Map<Node, Set<Node>>()

  add(a: Node, b: Node): void {
    const there = this.out.get(a)
    if (there) there.add(b)
    else this.out.set(a, new Set([b]))
  }

  remove(a: Node, b: Node): void {
    this.out.get(a)?.delete(b)
  }

  has(a: Node, b: Node): boolean {
    return this.out.get(a)?.has(b) ?? false
  }

  from(a: Node): Node[] {
    return [...(this.out.get(a) ?? [])]
  }

  *all(): Generator<[Node, Node]> {
    for (const [a, ends] of this.out) for (const b of ends) yield [a, b]
  }
}

/** The walk round the face to the left of a > b, without its last step back to a. */
export function walkRound(coverage: Coverage, halves: Halves, a: Node, b: Node): Node[] {
  const walk = [a]
  let from = a
  let at = b
  while (!(at === a && nextOf(coverage, halves, from, at) === b)) {
    walk.push(at)
    const next = nextOf(coverage, halves, from, at)
    if (next === null) break
    from = at
    at = next
    if (walk.length > 200_000) throw new Error('the borders do not close')
  }
  return walk
}

/** The edge out of `at` that is next clockwise from the way back to `from`. */
function nextOf(coverage: Coverage, halves: Halves, from: Node, at: Node): Node | null {
  const ways = halves.from(at)
  if (ways.length < 2) return ways[0] ?? null
  const here = coverage.at(at)
  const towards = (node: Node): Point => {
    const there = coverage.at(node)
    return [there[0] - here[0], there[1] - here[1]]
  }
  const back = towards(from)
  const sorted = ways.map((node) => ({ node, way: towards(node) })).sort((p, q) => byAngle(p.way, q.way))
  // The last one before the way back, counter-clockwise; from the end when there is none.
  const before = sorted.filter(({ way, node }) => node !== from && byAngle(way, back) < 0)
  const rest = sorted.filter(({ node }) => node !== from)
  return (before.at(-1) ?? rest.at(-1) ?? sorted[0])?.node ?? null
}

/** Simple rings of a walk that may pass a corner more than once. */
export function simpleRings(walk: readonly Node[]): Ring[] {
  const rings: Ring[] = []
  const path: Node[] = []
  const seen = new Set<Node>()
  for (const node of walk) {
    if (seen.has(node)) {
      const loop = path.splice(path.indexOf(node))
      for (const one of loop) seen.delete(one)
      if (loop.length > 2) rings.push(loop)
    }
    path.push(node)
    seen.add(node)
  }
  if (path.length > 2) rings.push(path)
  return rings
}

/** All rings of the faces of a set of half edges. Each half edge is used once. */
export function ringsOf(coverage: Coverage, halves: Halves): Ring[] {
  const used = new Set<string>()
  const rings: Ring[] = []
  for (const [a, b] of halves.all()) {
    if (used.has(`${a}>${b}`)) continue
    const walk = walkRound(coverage, halves, a, b)
    walk.forEach((node, i) => {
      used.add(`${node}>${walk[(i + 1) % walk.length]}`)
    })
    rings.push(...simpleRings(walk))
  }
  return rings
}

/** Outlines with the holes that lie in them, from rings of both directions. */
export function polygonsOf(coverage: Coverage, rings: readonly Ring[]): Ring[][] {
  const outlines = rings.filter((ring) => coverage.area2(ring) > 0)
  const polygons = outlines.map((ring) => [ring])
  for (const hole of rings) {
    if (coverage.area2(hole) >= 0) continue
    // The smallest outline round it.
    let best: Ring[] | null = null
    for (const polygon of polygons) {
      const outline = polygon[0] as Ring
      if (!isInside(coverage, hole, outline)) continue
      if (!best || coverage.area2(outline) < coverage.area2(best[0] as Ring)) best = polygon
    }
    best?.push(hole)
  }
  return polygons
}

export function isInside(coverage: Coverage, ring: Ring, outline: Ring): boolean {
  const places = coverage.outline(outline)
  for (const node of ring) {
    const side = whereInRing(coverage.at(node), places)
    if (side !== 0) return side === 1
  }
  return false
}
