// How an earlier grid differs from what is on the bench, cell by cell.
import type { Coverage } from './model/coverage'
import type { Point } from './model/point'
import type { GridCell } from './seam'

export interface Differences {
  /** Cells with another outline, those that are there no more, and those that were not there then. */
  other: number
  gone: number
  fresh: number
}

export function differences(then: readonly GridCell[], now: Coverage): Differences {
  const found: Differences = { other: 0, gone: 0, fresh: 0 }
  const keys = new Set(then.map(({ key }) => key))
  for (const { key, rings } of then) {
    const cell = now.cells.get(key)
    if (!cell) found.gone++
    else if (nameOf(rings) !== nameOf(now.drawn(cell))) found.other++
  }
  for (const key of now.cells.keys()) if (!keys.has(key)) found.fresh++
  return found
}

/** The same for one outline wherever its rings begin. */
const nameOf = (rings: readonly (readonly Point[])[]): string =>
  rings
    .map((ring) => {
      const texts = ring.map(([x, y]) => `${x},${y}`)
      const first = texts.reduce((best, text, i) => (text < (texts[best] as string) ? i : best), 0)
      return [...texts.slice(first), ...texts.slice(0, first)].join(' ')
    })
    .sort()
    .join('|')
