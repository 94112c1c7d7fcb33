// Corners: put one on a border, take one out, and what belongs to a whole border between two cells.
import type { Cell, CellKey, Coverage, Node, Ring } from './coverage'
import { isSame, type Point } from './point'
import { LEAST_GAP } from './proof'
import { Refusal } from './refusal'

/** A corner at `at` on the border a-b, for both cells; a corner that is there already serves. */
export function insertCorner(coverage: Coverage, a: Node, b: Node, at: Point): Node {
  for (const end of [a, b]) if (isSame(coverage.at(end), at)) return end
  const node = coverage.addNode(at)
  replaceEdge(coverage, a, b, [node])
  return node
}

/** Puts nodes on the border a-b, in order from a to b. */
export function replaceEdge(coverage: Coverage, a: Node, b: Node, between: readonly Node[]): void {
  const left = coverage.leftOf(a, b)
  const right = coverage.leftOf(b, a)
  if (left) redraw(coverage, left, (ring) => spliced(ring, a, b, between))
  if (right) redraw(coverage, right, (ring) => spliced(ring, b, a, [...between].reverse()))
}

const spliced = (ring: Ring, a: Node, b: Node, between: readonly Node[]): Ring => {
  const i = ring.indexOf(a)
  if (i < 0 || ring[(i + 1) % ring.length] !== b) return ring
  return [...ring.slice(0, i + 1), ...between, ...ring.slice(i + 1)]
}

function redraw(coverage: Coverage, key: CellKey, work: (ring: Ring) => Ring): void {
  const cell = coverage.cell(key)
  coverage.store({ ...cell, rings: cell.rings.map(work) })
}

/** Takes a corner out of a border. Where three borders meet there is none to take out. */
export function removeCorner(coverage: Coverage, node: Node): void {
  if (coverage.linksOf(node).length !== 2) throw new Refusal('JUNCTION', coverage.at(node))
  for (const key of coverage.cellsAt(node))
    redraw(coverage, key, (ring) => {
      const rest = ring.filter((one) => one !== node)
      if (rest.length < 3) throw new Refusal('TOO_FEW_CORNERS', coverage.at(node))
      return rest
    })
}

/** All nodes of the border that an edge belongs to: on to where three borders meet, both ways. */
export function wholeBorder(coverage: Coverage, a: Node, b: Node): Node[] {
  const walk = (from: Node, to: Node): Node[] => {
    const nodes = [to]
    let before = from
    let at = to
    for (;;) {
      const ways = coverage.linksOf(at).filter((node) => node !== before)
      const [next] = ways
      if (ways.length !== 1 || next === undefined || next === from || nodes.includes(next)) return nodes
      nodes.push(next)
      before = at
      at = next
    }
  }
  const forward = walk(a, b)
  const back = forward.at(-1) === a ? [] : walk(b, a)
  return [...new Set([...back.reverse(), ...forward])]
}

/** The nodes that move when an edge or a whole border is dragged: not the outer border's, which stay. */
export const movable = (coverage: Coverage, nodes: Iterable<Node>, mayExtend: boolean): Node[] =>
  [...nodes].filter((node) => mayExtend || !coverage.isOnRim(node))

/** The node for a place on an edge: its nearer end when that is within the least gap, else a new corner. */
export function cornerAt(coverage: Coverage, a: Node, b: Node, at: Point): Node {
  for (const end of [a, b]) {
    const there = coverage.at(end)
    if (Math.hypot(there[0] - at[0], there[1] - at[1]) < 2 * LEAST_GAP) return end
  }
  return insertCorner(coverage, a, b, at)
}

/** Hands cells over to another community; their outlines stay. */
export function handOver(coverage: Coverage, keys: Iterable<CellKey>, community: number): void {
  for (const key of keys) {
    const cell = coverage.cell(key)
    if (cell.community !== community) coverage.store({ ...cell, community })
  }
}

/** Other facts of a cell: its name, its kind, how many households. */
export function describe(
  coverage: Coverage,
  key: CellKey,
  facts: Partial<Pick<Cell, 'name' | 'kind' | 'households'>>,
): void {
  coverage.store({ ...coverage.cell(key), ...facts })
}
