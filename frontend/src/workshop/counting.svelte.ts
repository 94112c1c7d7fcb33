// What stands in the compared cells, as the server counts it after a short rest; by key, before and now.
import type { CellKey, Coverage } from './model/coverage'
import { type Figures, readFigures } from './seam'

const REST_MS = 300
const MOST = 10

export class Counting {
  found = $state.raw<ReadonlyMap<CellKey, { before: Figures | null; now: Figures }>>(new Map())
  private rest = 0
  private asking: AbortController | null = null

  clear(): void {
    this.found = new Map()
  }

  ask(coverage: Coverage, keys: readonly CellKey[]): void {
    clearTimeout(this.rest)
    this.asking?.abort()
    const cells = keys.slice(0, MOST)
    if (cells.length > 0) this.rest = window.setTimeout(() => void this.count(coverage, cells), REST_MS)
  }

  private async count(coverage: Coverage, keys: readonly CellKey[]): Promise<void> {
    this.asking = new AbortController()
    const there = keys.flatMap((key) => coverage.cells.get(key) ?? [])
    const outlines = there.map((cell) => ({ key: cell.key, rings: coverage.drawn(cell) }))
    try {
      const { figures } = await readFigures(outlines, this.asking.signal)
      const found = new Map(this.found)
      for (const [key, now] of Object.entries(figures))
        found.set(key, { before: this.found.get(key)?.before ?? now, now })
      this.found = found
    } catch {
      // The figures that are shown stay; the next rest asks again.
    }
  }
}
