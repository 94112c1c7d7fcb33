// What is allowed but not good: told while drawing, with the place and, where there is one, a fix.
import type { Cell, CellKey, Coverage, Node } from './coverage'
import { boxOf, measure } from './measure'
import { metresBetween, middle, nearestOn, type Point, perMetre, whereInRing } from './point'
import { handOver, removeCorner } from './reshape'
import type { ResponsibilityGrids } from './responsibility'
import { goesThrough, goRound } from './round-building'
import type { Surroundings } from './surroundings'

/** The city's wishes for its cells, as the back office keeps them; these until the server has told them. */
export interface LintRules {
  least_households: number
  most_households: number
  least_area_m2: number
  least_width_m: number
  least_compactness: number
  /** A border counts as along a street within so many metres of it; so much of it should be. */
  street_within_m: number
  least_street_share: number
}

export const RULES: LintRules = {
  least_households: 300,
  most_households: 500,
  least_area_m2: 1_000,
  least_width_m: 15,
  least_compactness: 0.2,
  street_within_m: 15,
  least_street_share: 0.5,
}

export type LintCode =
  | 'FEW_HOUSEHOLDS'
  | 'MANY_HOUSEHOLDS'
  | 'THROUGH_BUILDING'
  | 'OFF_STREET'
  | 'NOT_COMPACT'
  | 'SMALL'
  | 'NARROW'
  | 'ENCLAVE'
  | 'NEEDLESS_CORNER'

export interface Finding {
  readonly code: LintCode
  readonly cell: CellKey
  readonly place: Point
  readonly value: number | null
  /** How many cells it is about: of a responsibility grid, its own. */
  readonly cells: number
  readonly fix: (() => void) | null
}

/** A corner that bends its border by less is not needed. */
const STRAIGHT_M = 0.05
/** Of a cell: the others come when these are mended, so that they do not hide what matters. */
const MOST_NEEDLESS = 3

export function lint(
  coverage: Coverage,
  keys: Iterable<CellKey>,
  around: Surroundings,
  rules: LintRules = RULES,
  grids: ResponsibilityGrids | null = null,
): Finding[] {
  const findings = ofGrids(coverage, [...keys], rules, grids)
  for (const key of keys) {
    const cell = coverage.cells.get(key)
    if (cell) findings.push(...ofCell(coverage, cell, around, rules, grids?.has(cell) ?? false))
  }
  return findings
}

/** Households are wished for by responsibility grid: all cells of one worker together. */
function ofGrids(
  coverage: Coverage,
  keys: readonly CellKey[],
  rules: LintRules,
  grids: ResponsibilityGrids | null,
): Finding[] {
  return (grids?.of(coverage, keys) ?? []).flatMap(({ cells, households }) => {
    const [first] = cells
    const wrong = households === null ? null : wrongHouseholds(households, rules)
    if (!first || !wrong) return []
    const cell = cells.find(({ key }) => keys.includes(key)) ?? first
    const place = inside(coverage.outline(cell.rings[0] ?? []))
    return [{ code: wrong, cell: cell.key, place, value: households, cells: cells.length, fix: null }]
  })
}

const wrongHouseholds = (households: number, rules: LintRules): LintCode | null =>
  households < rules.least_households
    ? 'FEW_HOUSEHOLDS'
    : households > rules.most_households
      ? 'MANY_HOUSEHOLDS'
      : null

function ofCell(
  coverage: Coverage,
  cell: Cell,
  around: Surroundings,
  rules: LintRules,
  isOfGrid: boolean,
): Finding[] {
  const found: Finding[] = []
  const outline = coverage.outline(cell.rings[0] ?? [])
  const place = inside(outline)
  const say = (code: LintCode, at = place, value: number | null = null, fix: (() => void) | null = null) =>
    found.push({ code, cell: cell.key, place: at, value, cells: 1, fix })
  const { area_m2, compactness, width_m } = measure(coverage, cell)
  // Owners' own grids have the households that they have.
  if (!isOfGrid && cell.households !== null && cell.kind === 'GENERAL') {
    const wrong = wrongHouseholds(cell.households, rules)
    if (wrong) say(wrong, place, cell.households)
  }
  if (area_m2 < rules.least_area_m2) say('SMALL', place, area_m2)
  if (width_m < rules.least_width_m) say('NARROW', place, width_m)
  else if (compactness < rules.least_compactness) say('NOT_COMPACT', place, compactness)
  enclave(coverage, cell, (community) =>
    say('ENCLAVE', place, null, () => handOver(coverage, [cell.key], community)),
  )
  const cut = new Set<object>()
  let along = 0
  let all = 0
  const box = boxOf(outline)
  const unit = perMetre(box.south)
  const reach = rules.street_within_m * unit.x
  const buildings = around.buildingsIn(box)
  const streets = around.streetsIn(box, reach)
  for (const ring of cell.rings)
    ring.forEach((a, i) => {
      const from = coverage.at(a)
      const to = coverage.at(ring[(i + 1) % ring.length] as Node)
      for (const building of buildings)
        if (!cut.has(building) && goesThrough(from, to, building.ring)) {
          cut.add(building)
          say('THROUGH_BUILDING', inside(building.ring), null, () =>
            goRound(coverage, cell.key, building.ring),
          )
        }
      if (coverage.isRim(a, ring[(i + 1) % ring.length] as Node)) return
      const length = metresBetween(from, to)
      all += length
      const halfway = middle(from, to)
      if (streets.some(({ line }) => isNear(halfway, line, rules.street_within_m))) along += length
    })
  if (around.count > 0 && all > 0 && along / all < rules.least_street_share)
    say('OFF_STREET', place, along / all)
  for (const node of needless(coverage, cell).slice(0, MOST_NEEDLESS))
    say('NEEDLESS_CORNER', coverage.at(node), null, () => removeCorner(coverage, node))
  return found
}

/** Only other communities round it: which of them has the longest border with it? */
function enclave(coverage: Coverage, cell: Cell, tell: (community: number) => void): void {
  const shared = new Map<number, number>()
  for (const ring of cell.rings)
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length] as Node
      const across = coverage.leftOf(b, a)
      if (!across) return
      const { community } = coverage.cell(across)
      shared.set(community, (shared.get(community) ?? 0) + metresBetween(coverage.at(a), coverage.at(b)))
    })
  if (shared.size === 0 || shared.has(cell.community)) return
  // A community of one cell is no enclave.
  if (![...coverage.cells.values()].some((other) => other !== cell && other.community === cell.community))
    return
  const [best] = [...shared].sort(([, p], [, q]) => q - p)
  if (best) tell(best[0])
}

function needless(coverage: Coverage, cell: Cell): Node[] {
  return cell.rings.flatMap((ring) =>
    ring.length < 5
      ? []
      : ring.filter((node, i) => {
          if (coverage.linksOf(node).length !== 2 || coverage.isOnRim(node)) return false
          const before = coverage.at(ring[(i - 1 + ring.length) % ring.length] as Node)
          const after = coverage.at(ring[(i + 1) % ring.length] as Node)
          const off = nearestOn(before, after, coverage.at(node))
          return off.distance / perMetre(before[1]).y < STRAIGHT_M
        }),
  )
}

function isNear(at: Point, line: readonly Point[], within_m: number): boolean {
  return line.some((a, i) => {
    const b = line[i + 1]
    return b !== undefined && metresBetween(nearestOn(a, b, at).at, at) < within_m
  })
}

/** Some place inside a ring: near its middle where that is inside, else beside its first corner. */
export function inside(ring: readonly Point[]): Point {
  const { west, south, east, north } = boxOf(ring)
  const centre: Point = [Math.round((west + east) / 2), Math.round((south + north) / 2)]
  if (whereInRing(centre, ring) === 1) return centre
  // Along the middle line, half way between its first two crossings of the outline.
  const y = (south + north) / 2 + 0.5
  const crossings: number[] = []
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as Point
    if (a[1] > y !== b[1] > y) crossings.push(a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1]))
  })
  const [first = centre[0], second = first] = crossings.sort((p, q) => p - q)
  return [Math.round((first + second) / 2), Math.round(y)]
}
