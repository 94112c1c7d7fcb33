// The told households of a divided cell, shared out among its parts: an estimate, to be confirmed by who knows.
import type { CellKey, Coverage } from './coverage'
import { isIn } from './cut'
import { inside } from './lint'
import { boxOf } from './measure'
import type { Surroundings } from './surroundings'

/** What the estimate goes by. */
export type Basis = 'dwellings' | 'buildings' | 'area'

/** Inside of an edit, after the cut; what the cut gave by area stays when the buildings there are not all known. */
export function shareHouseholds(
  coverage: Coverage,
  around: Surroundings,
  keys: readonly CellKey[],
): Basis | null {
  const cells = keys.map((key) => coverage.cell(key))
  if (cells.every(({ households }) => households === null)) return null
  const all = cells.reduce((sum, { households }) => sum + (households ?? 0), 0)
  const box = boxOf(cells.flatMap(({ rings }) => coverage.outline(rings[0] ?? [])))
  if (!around.isKnown(box)) return 'area'
  const lying = around.buildingsIn(box).map((building) => ({ building, at: inside(building.ring) }))
  const found = cells.map((cell) => lying.filter(({ at }) => isIn(coverage, cell, at)))
  const dwellings = found.map((those) =>
    those.reduce((sum, { building }) => sum + (building.dwellings ?? 0), 0),
  )
  const isTold = dwellings.some((count) => count > 0)
  const weights = isTold ? dwellings : found.map(({ length }) => length)
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  if (whole === 0) return 'area'
  const shares = inWholes(all, weights)
  cells.forEach((cell, i) => {
    coverage.store({ ...cell, households: shares[i] ?? 0 })
  })
  return isTold ? 'dwellings' : 'buildings'
}

/** Whole numbers in the proportion of the weights that add up to `all`: the largest rests get what is over. */
export function inWholes(all: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map((weight) => (whole > 0 ? (all * weight) / whole : 0))
  const shares = exact.map(Math.floor)
  let over = all - shares.reduce((sum, share) => sum + share, 0)
  const order = exact
    .map((value, i) => ({ rest: value - Math.floor(value), i }))
    .sort((p, q) => q.rest - p.rest || p.i - q.i)
  for (const { i } of order) {
    if (over <= 0) break
    shares[i] = (shares[i] ?? 0) + 1
    over--
  }
  return shares
}
