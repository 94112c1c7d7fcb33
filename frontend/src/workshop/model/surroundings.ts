// Streets and buildings round the cells being drawn: what borders snap to, and what the lint looks at.
import { type Box, boxOf, isApart } from './measure'
import { isSame, nearestOn, type Point } from './point'

export interface Street {
  readonly line: readonly Point[]
}

export interface Building {
  readonly ring: readonly Point[]
  /** Households or dwellings that it is known to have. */
  readonly dwellings: number | null
}

interface Kept<T> {
  readonly what: T
  readonly box: Box
  readonly places: readonly Point[]
}

export class Surroundings {
  private streets: Kept<Street>[] = []
  private buildings: Kept<Building>[] = []

  /** The box in which every building is known; null: nowhere. */
  known: Box | null = null

  set(streets: readonly Street[], buildings: readonly Building[], known: Box | null): void {
    this.known = known
    this.streets = streets.map((what) => ({ what, box: boxOf(what.line), places: what.line }))
    this.buildings = buildings.map((what) => ({ what, box: boxOf(what.ring), places: what.ring }))
  }

  get count(): number {
    return this.streets.length + this.buildings.length
  }

  buildingsIn(box: Box): Building[] {
    return this.buildings.filter((kept) => !isApart(kept.box, box)).map(({ what }) => what)
  }

  /** Whether all buildings in a box are known. */
  isKnown(box: Box): boolean {
    const { known } = this
    return (
      known !== null &&
      known.west <= box.west &&
      known.south <= box.south &&
      known.east >= box.east &&
      known.north >= box.north
    )
  }

  streetsIn(box: Box, reach: number): Street[] {
    return this.streets.filter((kept) => !isApart(kept.box, box, reach)).map(({ what }) => what)
  }

  /** The nearest corner, else the nearest place on a line, within `reach` units. */
  nearest(at: Point, reach: number): { at: Point; kind: 'street' | 'building' } | null {
    let best: { at: Point; kind: 'street' | 'building' } | null = null
    let least = reach
    const box = boxOf([at])
    const look = (kind: 'street' | 'building', { places, box: there }: Kept<unknown>, isClosed: boolean) => {
      if (isApart(there, box, reach)) return
      const sides = isClosed ? places.length : places.length - 1
      for (let i = 0; i < sides; i++) {
        const a = places[i] as Point
        const b = places[(i + 1) % places.length] as Point
        if (isSame(a, b)) continue
        const found = nearestOn(a, b, at)
        if (found.distance >= least) continue
        least = found.distance
        best = { at: [Math.round(found.at[0]), Math.round(found.at[1])], kind }
      }
    }
    for (const kept of this.buildings) look('building', kept, true)
    for (const kept of this.streets) look('street', kept, false)
    return best
  }
}
