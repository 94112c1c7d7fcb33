// What can be done on the bench, and what it tells of it.
import type { CellKey } from './model/coverage'
import type { Measured } from './model/measure'
import type { Point } from './model/point'
import type { Reason } from './model/refusal'

export const TOOLS = ['reshape', 'border', 'cut', 'newBorder', 'merge', 'handOver', 'draw', 'remove'] as const
export type Tool = (typeof TOOLS)[number]
/** Tools that draw a stroke. */
export const STROKES: readonly Tool[] = ['cut', 'newBorder', 'draw']

export interface Said {
  reason: Reason
  place: Point | null
}

export interface Compared {
  key: CellKey
  code: string
  name: string
  before: (Measured & { households: number | null }) | null
  now: Measured & { households: number | null }
}

/** What the bench tells whoever draws it. */
export interface BenchHears {
  redraw(keys: Iterable<CellKey>): void
  redrawAll(): void
  picked(): void
}
