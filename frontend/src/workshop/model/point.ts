// Places are pairs of whole numbers of 2^-27 degree (0.83 mm at most), as the database keeps them: a power of
// two is the same bits here, in SQL and in Python. What is decided about them is decided exactly.

/** [x, y]: longitude and latitude in units of 2^-27 degree. */
export type Point = readonly [number, number]

export const UNITS_PER_DEGREE = 2 ** 27
const EQUATOR_M = 6_378_137
const ECCENTRICITY_2 = 0.00669437999014

export const toPoint = ([lng, lat]: readonly [number, number]): Point => [
  Math.round(lng * UNITS_PER_DEGREE),
  Math.round(lat * UNITS_PER_DEGREE),
]

export const toLngLat = ([x, y]: Point): [number, number] => [x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE]

export const isSame = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1]

/** A product of two of these is exact in a double. */
const EXACT = 2 ** 26

/** Positive: c lies to the left of a > b; negative: to the right; zero: exactly on the line. */
export function turn(a: Point, b: Point, c: Point): number {
  const ux = b[0] - a[0]
  const uy = b[1] - a[1]
  const vx = c[0] - a[0]
  const vy = c[1] - a[1]
  const one = ux * vy
  const other = uy * vx
  if (
    (Math.abs(ux) <= EXACT && Math.abs(uy) <= EXACT && Math.abs(vx) <= EXACT && Math.abs(vy) <= EXACT) ||
    // Far apart products keep their order in spite of rounding.
    Math.abs(one - other) > (Math.abs(one) + Math.abs(other)) * 2 ** -50
  )
    return one - other
  const exact = BigInt(ux) * BigInt(vy) - BigInt(uy) * BigInt(vx)
  return exact > 0n ? 1 : exact < 0n ? -1 : 0
}

/** Does p, which is on the line through a and b, lie between them (or at one of them)? */
const isBetween = (a: Point, b: Point, p: Point): boolean =>
  Math.min(a[0], b[0]) <= p[0] &&
  p[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= p[1] &&
  p[1] <= Math.max(a[1], b[1])

export const isOnSegment = (a: Point, b: Point, p: Point): boolean =>
  isBetween(a, b, p) && turn(a, b, p) === 0

/** Do the segments a-b and c-d have any place in common? */
export function doTouch(a: Point, b: Point, c: Point, d: Point): boolean {
  const abc = Math.sign(turn(a, b, c))
  const abd = Math.sign(turn(a, b, d))
  const cda = Math.sign(turn(c, d, a))
  const cdb = Math.sign(turn(c, d, b))
  if (abc !== abd && cda !== cdb) return true
  return (
    (abc === 0 && isBetween(a, b, c)) ||
    (abd === 0 && isBetween(a, b, d)) ||
    (cda === 0 && isBetween(c, d, a)) ||
    (cdb === 0 && isBetween(c, d, b))
  )
}

/** Where a-b meets c-d: how far along a-b (0 to 1) and the nearest place of the grid; null when parallel or apart. */
export function crossing(a: Point, b: Point, c: Point, d: Point): { along: number; at: Point } | null {
  if (!doTouch(a, b, c, d)) return null
  const rx = b[0] - a[0]
  const ry = b[1] - a[1]
  const sx = d[0] - c[0]
  const sy = d[1] - c[1]
  const across = rx * sy - ry * sx
  if (across === 0) return null
  const along = Math.min(1, Math.max(0, ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / across))
  return { along, at: [Math.round(a[0] + along * rx), Math.round(a[1] + along * ry)] }
}

/** The place of a-b nearest to p: how far along (0 to 1), the place (not on the grid), the distance in units. */
export function nearestOn(a: Point, b: Point, p: Point): { along: number; at: Point; distance: number } {
  const ux = b[0] - a[0]
  const uy = b[1] - a[1]
  const length2 = ux * ux + uy * uy
  const along =
    length2 === 0 ? 0 : Math.min(1, Math.max(0, ((p[0] - a[0]) * ux + (p[1] - a[1]) * uy) / length2))
  const at: Point = [a[0] + along * ux, a[1] + along * uy]
  return { along, at, distance: Math.hypot(p[0] - at[0], p[1] - at[1]) }
}

export const middle = (a: Point, b: Point): Point => [
  Math.round((a[0] + b[0]) / 2),
  Math.round((a[1] + b[1]) / 2),
]

/** Twice the signed area in square units; positive when the ring runs counter-clockwise. */
export function area2(ring: readonly Point[]): number {
  const [first] = ring
  if (!first) return 0
  let sum = 0
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i] as Point
    const b = ring[(i + 1) % ring.length] as Point
    sum += (a[0] - first[0]) * (b[1] - first[1]) - (b[0] - first[0]) * (a[1] - first[1])
  }
  return sum
}

/** 1 inside, 0 on the ring, -1 outside; exact for places on the grid. */
export function whereInRing(p: Point, ring: readonly Point[]): 1 | 0 | -1 {
  let isInside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j] as Point
    const b = ring[i] as Point
    if (isSame(b, p)) return 0
    const isAbove = b[1] > p[1]
    if (isAbove === a[1] > p[1]) {
      if (b[1] === p[1] && a[1] === p[1] && isBetween(a, b, p)) return 0
      continue
    }
    const side = turn(a, b, p)
    if (side === 0) return 0
    if (side > 0 === isAbove) isInside = !isInside
  }
  return isInside ? 1 : -1
}

/** Compares two directions by their angle, counter-clockwise from east: exact. */
export function byAngle(u: Point, v: Point): number {
  const halfOf = (d: Point) => (d[1] > 0 || (d[1] === 0 && d[0] > 0) ? 0 : 1)
  return halfOf(u) - halfOf(v) || -turn([0, 0], u, v)
}

/** Units of longitude and of latitude in a metre, at a latitude in units: radii of curvature of WGS 84. */
export function perMetre(y: number): { x: number; y: number } {
  const latitude = ((y / UNITS_PER_DEGREE) * Math.PI) / 180
  const bent = 1 - ECCENTRICITY_2 * Math.sin(latitude) ** 2
  const radian = (180 / Math.PI) * UNITS_PER_DEGREE
  return {
    x: (radian * Math.sqrt(bent)) / (EQUATOR_M * Math.max(0.01, Math.cos(latitude))),
    y: (radian * bent ** 1.5) / (EQUATOR_M * (1 - ECCENTRICITY_2)),
  }
}

/** Metres between two places of one city (a plane that touches the ellipsoid there). */
export function metresBetween(a: Point, b: Point): number {
  const unit = perMetre((a[1] + b[1]) / 2)
  return Math.hypot((a[0] - b[0]) / unit.x, (a[1] - b[1]) / unit.y)
}
