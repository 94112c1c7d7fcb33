// Square metres, metres and shapes of cells: on a plane that touches the ellipsoid at the cell, within 0.01 %.
import type { Cell, Coverage } from './coverage'
import { metresBetween, type Point, perMetre } from './point'

export interface Measured {
  area_m2: number
  border_m: number
  /** 1 for a circle, 0.785 for a square, near 0 for a strip (Polsby and Popper: 4 pi area / border squared). */
  compactness: number
  /** About how wide: 2 area / border, which for a long strip is its width. */
  width_m: number
}

export function measure(coverage: Coverage, cell: Cell): Measured {
  let area = 0
  let border_m = 0
  const middle = coverage.at(cell.rings[0]?.[0] as number)[1]
  const unit = perMetre(middle)
  for (const ring of cell.rings) {
    area += coverage.area2(ring)
    const places = coverage.outline(ring)
    places.forEach((at, i) => {
      border_m += metresBetween(at, places[(i + 1) % places.length] as Point)
    })
  }
  const area_m2 = area / 2 / (unit.x * unit.y)
  return {
    area_m2,
    border_m,
    compactness: (4 * Math.PI * area_m2) / border_m ** 2,
    width_m: (2 * area_m2) / border_m,
  }
}

export interface Box {
  west: number
  south: number
  east: number
  north: number
}

export function boxOf(places: Iterable<Point>): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  for (const [x, y] of places) {
    box.west = Math.min(box.west, x)
    box.south = Math.min(box.south, y)
    box.east = Math.max(box.east, x)
    box.north = Math.max(box.north, y)
  }
  return box
}

export const isApart = (a: Box, b: Box, reach = 0): boolean =>
  a.east + reach < b.west || b.east + reach < a.west || a.north + reach < b.south || b.north + reach < a.south
