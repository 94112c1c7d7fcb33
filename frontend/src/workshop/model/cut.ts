// Divide by one stroke: every cell that the line passes right through falls into parts, and the neighbours get
// the new corners. The largest part goes on being the cell; the others are new.
import type { Cell, CellKey, Coverage, Node } from './coverage'
import { edgeKey } from './edge-index'
import { Halves, polygonsOf, ringsOf, walkRound } from './faces'
import { crossing, isSame, middle, nearestOn, type Point, whereInRing } from './point'
import { LEAST_GAP } from './proof'
import { Refusal } from './refusal'
import { cornerAt, removeCorner } from './reshape'

export interface Parted {
  /** The cell that was divided, and the new ones beside it. */
  readonly cell: CellKey
  readonly parts: CellKey[]
}

/** A stretch of the stroke inside one cell, from border to border. */
interface Piece {
  readonly cell: CellKey
  readonly nodes: readonly Node[]
}

export interface Cut {
  readonly parted: Parted[]
  /** First edge of every stretch that divides a cell, along the stroke. */
  readonly stretches: (readonly [Node, Node])[]
}

/** `only`: cells that may be divided; all that the stroke crosses when it is left out. */
export function cut(
  coverage: Coverage,
  stroke: readonly Point[],
  fresh: () => CellKey,
  only: ReadonlySet<CellKey> | null = null,
): Cut {
  const line = withoutRepeats(stroke)
  if (line.length < 2) throw new Refusal('NO_CUT', line[0] ?? null)
  const hits = meet(coverage, line, only)
  const pieces = piecesOf(coverage, line, hits, only)
  const parted: Parted[] = []
  const stretches: (readonly [Node, Node])[] = []
  for (const key of new Set(pieces.map(({ cell }) => cell))) {
    const through = pieces.filter(({ cell }) => cell === key)
    const made = divide(coverage, coverage.cell(key), through, fresh)
    if (!made) continue
    parted.push({ cell: key, parts: made.parts })
    stretches.push(...made.stretches)
  }
  if (parted.length === 0) throw new Refusal('NO_CUT', line[0] ?? null)
  for (const { node, isNew } of hits) if (isNew) tidy(coverage, node)
  return { parted, stretches }
}

export interface Hit {
  /** Which segment of the stroke, and how far along it. */
  readonly segment: number
  readonly along: number
  readonly node: Node
  readonly isNew: boolean
}

/** Corners where the stroke meets borders, in its order. Borders get them. */
export function meet(
  coverage: Coverage,
  line: readonly Point[],
  only: ReadonlySet<CellKey> | null,
  isWanted: (a: Node, b: Node) => boolean = () => true,
): Hit[] {
  interface Meeting {
    segment: number
    along: number
    at: Point
  }
  const byEdge = new Map<number, { a: Node; b: Node; meetings: Meeting[] }>()
  const hits = new Map<Node, Hit>()
  const hit = (node: Node, segment: number, along: number, isNew: boolean) => {
    const known = hits.get(node)
    if (!known || segment + along < known.segment + known.along)
      hits.set(node, { segment, along, node, isNew: known?.isNew || isNew })
  }
  for (let segment = 0; segment + 1 < line.length; segment++) {
    const from = line[segment] as Point
    const to = line[segment + 1] as Point
    for (const [a, b] of coverage.edgesNear(from, to, 2 * LEAST_GAP)) {
      if (!isWanted(a, b)) continue
      if (only && ![coverage.leftOf(a, b), coverage.leftOf(b, a)].some((key) => key && only.has(key)))
        continue
      const A = coverage.at(a)
      const B = coverage.at(b)
      // A corner on the stroke, or so near that a border beside it would be too near, is passed through.
      for (const node of [a, b]) {
        const { along, distance } = nearestOn(from, to, coverage.at(node))
        if (distance < 2 * LEAST_GAP) hit(node, segment, along, false)
      }
      const meetings: Meeting[] = []
      const found = crossing(from, to, A, B)
      if (found) meetings.push({ segment, ...found })
      // A place that was snapped to a border is on it but for rounding.
      for (const [along, at] of [from, to].entries())
        if (nearestOn(A, B, at).distance < LEAST_GAP) meetings.push({ segment, along, at })
      if (meetings.length === 0) continue
      const key = edgeKey(a, b)
      byEdge.set(key, { a, b, meetings: [...(byEdge.get(key)?.meetings ?? []), ...meetings] })
    }
  }
  for (const { a, b, meetings } of byEdge.values()) {
    const [x, y] = coverage.at(a)
    const far = ({ at }: Meeting) => Math.hypot(at[0] - x, at[1] - y)
    let from = a
    for (const { segment, along, at } of meetings.sort((p, q) => far(p) - far(q))) {
      const count = coverage.nodeCount
      const node = from === b ? b : cornerAt(coverage, from, b, at)
      from = node
      hit(node, segment, along, coverage.nodeCount > count)
    }
  }
  return [...hits.values()].sort((p, q) => p.segment + p.along - q.segment - q.along)
}

/** Places of the stroke strictly between two hits; those that a hit has drawn to itself are left out. */
export function placesBetween(coverage: Coverage, line: readonly Point[], from: Hit, to: Hit): Point[] {
  const ends = [coverage.at(from.node), coverage.at(to.node)]
  return line
    .slice(from.segment + 1, to.segment + 1)
    .filter((at) => ends.every((end) => Math.hypot(end[0] - at[0], end[1] - at[1]) >= 2 * LEAST_GAP))
}

export function isIn(coverage: Coverage, cell: Cell, at: Point): boolean {
  const [outer = [], ...holes] = cell.rings
  return (
    whereInRing(at, coverage.outline(outer)) === 1 &&
    holes.every((hole) => whereInRing(at, coverage.outline(hole)) === -1)
  )
}

function piecesOf(
  coverage: Coverage,
  line: readonly Point[],
  hits: readonly Hit[],
  only: ReadonlySet<CellKey> | null,
): Piece[] {
  const pieces: Piece[] = []
  for (let i = 0; i + 1 < hits.length; i++) {
    const from = hits[i] as Hit
    const to = hits[i + 1] as Hit
    const between = placesBetween(coverage, line, from, to)
    if (between.length === 0 && coverage.leftOf(from.node, to.node) !== undefined) continue
    const probe = middle(coverage.at(from.node), between[0] ?? coverage.at(to.node))
    const there = coverage.cellsAt(to.node)
    const cell = [...coverage.cellsAt(from.node)].find(
      (key) => there.has(key) && (!only || only.has(key)) && isIn(coverage, coverage.cell(key), probe),
    )
    if (cell === undefined) continue
    const nodes = [from.node, ...between.map((at) => coverage.addNode(at)), to.node]
    pieces.push({ cell, nodes })
  }
  return pieces
}

function divide(
  coverage: Coverage,
  cell: Cell,
  through: readonly Piece[],
  fresh: () => CellKey,
): { parts: CellKey[]; stretches: (readonly [Node, Node])[] } | null {
  const halves = new Halves()
  for (const ring of cell.rings)
    ring.forEach((a, i) => {
      halves.add(a, ring[(i + 1) % ring.length] as Node)
    })
  const stepsOf = ({ nodes }: Piece) => nodes.slice(1).map((b, i) => [nodes[i] as Node, b] as const)
  for (const piece of through)
    for (const [a, b] of stepsOf(piece)) {
      halves.add(a, b)
      halves.add(b, a)
    }
  // A stretch with one and the same face on both sides divides nothing.
  let kept = [...through]
  for (;;) {
    const idle = kept.find((piece) => {
      const [a, b] = piece.nodes as [Node, Node]
      const walk = walkRound(coverage, halves, a, b)
      return walk.some((node, i) => node === b && walk[(i + 1) % walk.length] === a)
    })
    if (!idle) break
    kept = kept.filter((piece) => piece !== idle)
    for (const [a, b] of stepsOf(idle)) {
      halves.remove(a, b)
      halves.remove(b, a)
    }
  }
  if (kept.length === 0) return null
  const polygons = polygonsOf(coverage, ringsOf(coverage, halves))
  const areas = polygons.map((rings) => rings.reduce((sum, ring) => sum + coverage.area2(ring), 0))
  const whole = areas.reduce((sum, area) => sum + area, 0)
  const order = polygons.map((_, i) => i).sort((p, q) => (areas[q] as number) - (areas[p] as number))
  let left = cell.households ?? 0
  const shares = order.map((i) => {
    const share = Math.min(left, Math.round(((cell.households ?? 0) * (areas[i] as number)) / whole))
    left -= share
    return share
  })
  shares[0] = (shares[0] ?? 0) + left
  coverage.drop(cell.key)
  const parts: CellKey[] = []
  order.forEach((i, rank) => {
    const households = cell.households === null ? null : (shares[rank] as number)
    const rings = polygons[i] as Node[][]
    if (rank === 0) coverage.store({ ...cell, households, rings })
    else {
      const key = fresh()
      parts.push(key)
      coverage.store({ ...cell, key, code: '', name: '', households, rings, from: originsOf(cell) })
    }
  })
  return { parts, stretches: kept.map(({ nodes }) => [nodes[0] as Node, nodes[1] as Node] as const) }
}

/** Of a cell in force itself, of a new one what it comes from. */
const originsOf = ({ key, from }: Cell): readonly number[] =>
  key.startsWith('c') ? [Number(key.slice(1))] : from

/** A corner that the stroke left on a border and nobody needs. */
export function tidy(coverage: Coverage, node: Node): void {
  if (coverage.linksOf(node).length === 2 && coverage.cellsAt(node).size > 0) removeCorner(coverage, node)
}

export const withoutRepeats = (stroke: readonly Point[]): Point[] =>
  stroke.filter((at, i) => i === 0 || !isSame(at, stroke[i - 1] as Point))
