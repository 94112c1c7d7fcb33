// What is critical and lies outside of the free part of the map is shown on its rim, where it lies.
import type { Rect } from './layout'

export interface Spot {
  key: string
  x: number
  y: number
}

export interface RimMark {
  x: number
  y: number
  /** Degrees clockwise from north, to where it lies. */
  bearing: number
  keys: string[]
}

export const isInside = ({ x, y, width, height }: Rect, spot: { x: number; y: number }): boolean =>
  spot.x >= x && spot.x <= x + width && spot.y >= y && spot.y <= y + height

/**
 * Marks on the rim of `free` for the spots outside of it; spots in nearly the same direction share one, so that
 * there are never more than `sectors`. `inset` keeps a mark as a whole inside.
 */
export function rimMarks(free: Rect, spots: readonly Spot[], inset: number, sectors = 16): RimMark[] {
  const middle = { x: free.x + free.width / 2, y: free.y + free.height / 2 }
  const half = { x: Math.max(1, free.width / 2 - inset), y: Math.max(1, free.height / 2 - inset) }
  const groups = new Map<number, Spot[]>()
  for (const spot of spots) {
    if (isInside(free, spot)) continue
    const turn = Math.atan2((spot.x - middle.x) / half.x, -(spot.y - middle.y) / half.y) / (2 * Math.PI)
    const sector = Math.floor((((turn % 1) + 1) % 1) * sectors)
    groups.set(sector, [...(groups.get(sector) ?? []), spot])
  }
  return [...groups.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, found]) => {
      const dx = found.reduce((sum, spot) => sum + spot.x - middle.x, 0) / found.length
      const dy = found.reduce((sum, spot) => sum + spot.y - middle.y, 0) / found.length
      const reach = Math.max(Math.abs(dx) / half.x, Math.abs(dy) / half.y)
      return {
        x: middle.x + dx / reach,
        y: middle.y + dy / reach,
        bearing: (Math.atan2(dx, -dy) * 180) / Math.PI,
        keys: found.map(({ key }) => key),
      }
    })
}
