// A judge of coverages that shares nothing with the proof of the model: it looks at every pair of borders and
// adds up the ground in whole numbers.
import type { Coverage } from '../../src/workshop/model/coverage'
import type { Point } from '../../src/workshop/model/point'

type Segment = [Point, Point]

const cross = (a: Point, b: Point, c: Point): bigint =>
  BigInt(b[0] - a[0]) * BigInt(c[1] - a[1]) - BigInt(b[1] - a[1]) * BigInt(c[0] - a[0])
const sign = (value: bigint) => (value > 0n ? 1 : value < 0n ? -1 : 0)
const same = (a: Point, b: Point) => a[0] === b[0] && a[1] === b[1]
const inBox = (a: Point, b: Point, p: Point) =>
  Math.min(a[0], b[0]) <= p[0] &&
  p[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= p[1] &&
  p[1] <= Math.max(a[1], b[1])

/** Do two borders meet anywhere but in a corner of both? */
function meetWrongly([a, b]: Segment, [c, d]: Segment): boolean {
  for (const [p, q, r] of [
    [a, b, c],
    [a, b, d],
    [c, d, a],
    [c, d, b],
  ] as const)
    if (!same(p, r) && !same(q, r) && cross(p, q, r) === 0n && inBox(p, q, r)) return true
  return sign(cross(a, b, c)) * sign(cross(a, b, d)) < 0 && sign(cross(c, d, a)) * sign(cross(c, d, b)) < 0
}

/** What is wrong with the coverage, in words; nothing when it is seamless. */
export function faults(coverage: Coverage): string[] {
  const found: string[] = []
  const directed = new Map<string, string>()
  const segments = new Map<string, Segment>()
  for (const cell of coverage.cells.values()) {
    const rings = coverage.drawn(cell)
    rings.forEach((ring, r) => {
      if (ringArea(ring) > 0n !== (r === 0)) found.push(`${cell.key}: ring ${r} runs the wrong way`)
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length] as Point
        const name = `${a}>${b}`
        if (directed.has(name))
          found.push(`${cell.key} and ${directed.get(name)}: one side of a border twice`)
        directed.set(name, cell.key)
        segments.set([String(a), String(b)].sort().join(' '), [a, b])
      })
    })
  }
  const sorted = [...segments.values()]
    .map((segment) => ({ segment, west: Math.min(segment[0][0], segment[1][0]) }))
    .sort((p, q) => p.west - q.west)
  sorted.forEach(({ segment }, i) => {
    const east = Math.max(segment[0][0], segment[1][0])
    for (let j = i + 1; j < sorted.length; j++) {
      const other = sorted[j] as (typeof sorted)[number]
      if (other.west > east) break
      if (meetWrongly(segment, other.segment)) found.push(`borders meet at ${segment} and ${other.segment}`)
    }
  })
  return found
}

function ringArea(ring: readonly Point[]): bigint {
  let sum = 0n
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as Point
    sum += BigInt(a[0]) * BigInt(b[1]) - BigInt(b[0]) * BigInt(a[1])
  })
  return sum
}

/** Twice the ground of all cells, exactly. */
export const ground2 = (coverage: Coverage): bigint =>
  [...coverage.cells.values()]
    .flatMap((cell) => coverage.drawn(cell))
    .reduce((sum, ring) => sum + ringArea(ring), 0n)

/** The same for a grid as it is written down: cells by key, each ring from its least corner. */
export const written = (coverage: Coverage): string =>
  [...coverage.cells.values()]
    .map((cell) => [cell.key, cell.community, coverage.drawn(cell).map(turned).sort().join(' | ')].join(' '))
    .sort()
    .join('\n')

function turned(ring: readonly Point[]): string {
  const names = ring.map(String)
  const least = names.indexOf([...names].sort()[0] as string)
  return [...names.slice(least), ...names.slice(0, least)].join(' ')
}
