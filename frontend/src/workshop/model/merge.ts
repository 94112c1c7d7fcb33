// Borders between the merged cells cancel; what is left is the outline. And a new border: a stroke from edge to
// edge, and the ground on one side of it goes to the neighbour there.
import type { Cell, CellKey, Coverage, Node } from './coverage'
import { type Cut, cut } from './cut'
import { Halves, ringsOf } from './faces'
import type { Point } from './point'
import { metresBetween } from './point'
import { Refusal } from './refusal'

/** One cell of several; the first goes on, the others end. */
export function merge(coverage: Coverage, keys: readonly CellKey[]): CellKey {
  const cells = [...new Set(keys)].map((key) => coverage.cell(key))
  const [first, ...others] = cells
  if (!first || others.length === 0) throw new Refusal('APART')
  const stranger = others.find(({ community }) => community !== first.community)
  if (stranger) throw new Refusal('COMMUNITIES', coverage.at(stranger.rings[0]?.[0] as Node))
  const from = [...new Set(cells.flatMap((cell) => cell.from))].sort((a, b) => a - b)
  unite(coverage, { ...first, from }, others)
  return first.key
}

function unite(coverage: Coverage, first: Cell, others: readonly Cell[]): void {
  const cells = [first, ...others]
  const merged = new Set(cells.map(({ key }) => key))
  const halves = new Halves()
  for (const cell of cells)
    for (const ring of cell.rings)
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length] as Node
        const across = coverage.leftOf(b, a)
        if (!across || !merged.has(across)) halves.add(a, b)
      })
  const rings = ringsOf(coverage, halves)
  const outlines = rings.filter((ring) => coverage.area2(ring) > 0)
  const [outline] = outlines
  if (!outline || outlines.length > 1)
    throw new Refusal('APART', coverage.at(others[0]?.rings[0]?.[0] as Node))
  for (const { key } of cells) coverage.drop(key)
  coverage.store({
    ...first,
    households: cells.every(({ households }) => households === null)
      ? null
      : cells.reduce((sum, { households }) => sum + (households ?? 0), 0),
    rings: [outline, ...rings.filter((ring) => ring !== outline)],
  })
}

export type Side = 'left' | 'right'

/** The ground of the crossed cells on one side of the stroke goes to the neighbours there. */
export function newBorder(
  coverage: Coverage,
  stroke: readonly Point[],
  side: Side,
  only: ReadonlySet<CellKey> | null = null,
): CellKey[] {
  let made = 0
  const divided = cut(coverage, stroke, () => `part${++made}`, only)
  const given = new Set<CellKey>()
  for (const [a, b] of divided.stretches) {
    const key = side === 'left' ? coverage.leftOf(a, b) : coverage.leftOf(b, a)
    if (key) given.add(key)
  }
  const parts = new Set(divided.parted.flatMap(({ cell, parts }) => [cell, ...parts]))
  const takers: CellKey[] = []
  for (const key of keepNames(coverage, divided, given)) {
    const taker = takerOf(coverage, coverage.cell(key), parts)
    unite(coverage, coverage.cell(taker), [coverage.cell(key)])
    takers.push(taker)
  }
  return takers
}

/** What stays goes on under the old key, be it the smaller part. Returns the parts that are given. */
function keepNames(coverage: Coverage, divided: Cut, given: ReadonlySet<CellKey>): CellKey[] {
  const giving: CellKey[] = []
  for (const { cell: key, parts } of divided.parted) {
    const stays = [key, ...parts].filter((part) => !given.has(part))
    const [heir] = stays
    // A part more than the given and the staying one would be a cell that nobody asked for.
    if (heir === undefined || stays.length > 1)
      throw new Refusal('NO_CUT', placeOf(coverage, coverage.cell(key)))
    if (heir !== key) {
      const mine = coverage.cell(key)
      const theirs = coverage.cell(heir)
      coverage.drop(key)
      coverage.drop(heir)
      coverage.store({ ...mine, rings: theirs.rings, households: theirs.households })
      coverage.store({ ...theirs, rings: mine.rings, households: mine.households })
    }
    giving.push(...[key, ...parts].filter((part) => part !== key && (given.has(part) || part === heir)))
  }
  return giving
}

const placeOf = (coverage: Coverage, cell: Cell): Point => coverage.at(cell.rings[0]?.[0] as Node)

/** The neighbour with the longest common border, one of the same community before others. */
function takerOf(coverage: Coverage, cell: Cell, not: ReadonlySet<CellKey>): CellKey {
  const shared = new Map<CellKey, number>()
  for (const ring of cell.rings)
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length] as Node
      const across = coverage.leftOf(b, a)
      if (across && !not.has(across))
        shared.set(across, (shared.get(across) ?? 0) + metresBetween(coverage.at(a), coverage.at(b)))
    })
  const isOwn = (key: CellKey) => Number(coverage.cell(key).community === cell.community)
  const [best] = [...shared].sort(([p, m], [q, n]) => isOwn(q) - isOwn(p) || n - m)
  if (!best) throw new Refusal('NO_TAKER', placeOf(coverage, cell))
  return best[0]
}
