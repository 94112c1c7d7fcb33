// Responsibility grids: the cells of one worker together. Households are wished for by them, not by cell.
import type { Cell, CellKey, Coverage } from './coverage'

export interface ResponsibilityGrid {
  readonly cells: readonly Cell[]
  /** Together; null while one of its cells does not tell. */
  readonly households: number | null
}

export class ResponsibilityGrids {
  private readonly grids: readonly (readonly string[])[]
  private readonly communities: ReadonlyMap<number, string>
  private readonly codes: ReadonlyMap<number, string>

  /** Unit codes of each; codes of the communities and of the cells in force by id. */
  constructor(
    grids: readonly (readonly string[])[],
    communities: ReadonlyMap<number, string>,
    codes: ReadonlyMap<number, string>,
  ) {
    this.grids = grids
    this.communities = communities
    this.codes = codes
  }

  has = (cell: Cell): boolean => this.grids.some((units) => this.isIn(cell, units))

  /** The grids that have one of these cells, as they would be now. */
  of(coverage: Coverage, keys: readonly CellKey[]): ResponsibilityGrid[] {
    const asked = keys.flatMap((key) => coverage.cells.get(key) ?? [])
    return this.grids
      .filter((units) => asked.some((cell) => this.isIn(cell, units)))
      .map((units) => {
        const cells = [...coverage.cells.values()].filter((cell) => this.isIn(cell, units))
        const told = cells.map(({ households }) => households)
        const isWhole = told.every((households) => households !== null)
        return { cells, households: isWhole ? told.reduce<number>((sum, one) => sum + (one ?? 0), 0) : null }
      })
  }

  /** A new cell goes with the cells that it was split from: their workers answer for it too. */
  private isIn(cell: Cell, units: readonly string[]): boolean {
    const codes = cell.code ? [cell.code] : cell.from.flatMap((id) => this.codes.get(id) ?? [])
    const community = this.communities.get(cell.community) ?? ''
    return units.some((unit) => codes.includes(unit) || community.startsWith(unit))
  }
}
