// Grids to edit in tests: a chessboard with bent borders, and random edits of it from a seed.
import type { Change, Coverage, DrawnCell, Node } from '../../src/workshop/model/coverage'
import { cut } from '../../src/workshop/model/cut'
import { Gesture, moving } from '../../src/workshop/model/gesture'
import { fillGap, newCell, takeAway } from '../../src/workshop/model/land'
import { merge, newBorder } from '../../src/workshop/model/merge'
import { type Point, toPoint } from '../../src/workshop/model/point'
import { Refusal } from '../../src/workshop/model/refusal'
import { cornerAt, handOver, movable, removeCorner, wholeBorder } from '../../src/workshop/model/reshape'

export const CORNER: Point = toPoint([24.94, 60.17])
/** About 100 m of latitude. */
export const SIDE = 120_000

export type Random = () => number

/** The same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const facts = { community: 1, name: '', kind: 'GENERAL', households: 400, code: '' }

export function square(key: string, x: number, y: number, w = 1, h = 1): DrawnCell {
  const at = (i: number, j: number): Point => [
    CORNER[0] + Math.round(i * SIDE),
    CORNER[1] + Math.round(j * SIDE),
  ]
  return { ...facts, key, from: [], rings: [[at(x, y), at(x + w, y), at(x + w, y + h), at(x, y + h)]] }
}

/** `across` x `up` cells; inner corners are not on a lattice. */
export function board(across: number, up: number, random: Random = () => 0.5): DrawnCell[] {
  const bent = (i: number, j: number): Point => {
    const inner = i > 0 && j > 0 && i < across && j < up
    const off = () => (inner ? Math.round((random() - 0.5) * SIDE * 0.4) : 0)
    return [CORNER[0] + i * SIDE + off(), CORNER[1] + j * SIDE + off()]
  }
  const nodes = Array.from({ length: up + 1 }, (_, j) =>
    Array.from({ length: across + 1 }, (_, i) => bent(i, j)),
  )
  const node = (i: number, j: number) => (nodes[j] as Point[])[i] as Point
  return Array.from({ length: across * up }, (_, n) => {
    const i = n % across
    const j = Math.floor(n / across)
    return {
      ...facts,
      key: `c${n + 1}`,
      from: [n + 1],
      rings: [[node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)]],
    }
  })
}

/** A cell in the hole of another, and a part of the city across the water. */
export function islands(): DrawnCell[] {
  const around = square('c1', 0, 0, 4, 4)
  const inner = square('c2', 1, 1, 2, 2)
  const [ring = []] = inner.rings
  return [
    { ...around, rings: [...around.rings, [...ring].reverse()], from: [1] },
    { ...inner, from: [2] },
    { ...square('c3', 4, 0, 2, 2), from: [3] },
    { ...square('c4', 9, 0, 2, 2), from: [4] },
    { ...square('c5', 11, 0, 2, 2), from: [5] },
  ].map((cell) =>
    // c1 has a corner where c3 ends.
    cell.key === 'c1'
      ? {
          ...cell,
          rings: cell.rings.map((one, i) =>
            i === 0
              ? [one[0], one[1], [CORNER[0] + 4 * SIDE, CORNER[1] + 2 * SIDE] as Point, one[2], one[3]]
              : one,
          ) as Point[][],
        }
      : cell,
  )
}

let made = 0
export const fresh = (): string => `n${++made}`

export const VERBS = [
  'corner',
  'edge',
  'border',
  'insert',
  'remove',
  'cut',
  'merge',
  'newBorder',
  'handOver',
  'undo',
  'redo',
] as const
export const EXTENT_VERBS = ['rim', 'newCell', 'takeAway', 'fillGap'] as const
export type Verb = (typeof VERBS)[number] | (typeof EXTENT_VERBS)[number]

export interface Done {
  verb: Verb
  refusal: Refusal | null
  /** What was changed, undone or done again. */
  change: Change | null
}

/** One random edit; most are small, some are meant to be refused. */
export function randomEdit(coverage: Coverage, random: Random, verbs: readonly Verb[] = VERBS): Done {
  const verb = verbs[Math.floor(random() * verbs.length)] as Verb
  const before = coverage.canUndo
  const undone = verb === 'undo' ? before : verb === 'redo' ? coverage.canRedo : null
  let refusal: Refusal | null = null
  try {
    doing(coverage, random, verb)
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason
    refusal = reason
  }
  const change = undone ?? (coverage.canUndo === before ? null : coverage.canUndo)
  return { verb, refusal, change }
}

function doing(coverage: Coverage, random: Random, verb: Verb): void {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const cell = pick([...coverage.cells.values()])
  const ring = pick(cell.rings)
  const n = Math.floor(random() * ring.length)
  const a = ring[n] as Node
  const b = ring[(n + 1) % ring.length] as Node
  const extent = (EXTENT_VERBS as readonly Verb[]).includes(verb) ? 'test' : null
  const way = (size: number): Point => [
    Math.round((random() - 0.5) * size * SIDE),
    Math.round((random() - 0.5) * size * SIDE),
  ]
  const near = (at: Point, size: number): Point => {
    const [x, y] = way(size)
    return [at[0] + x, at[1] + y]
  }
  const place = near(coverage.at(a), 1)
  const drag = (nodes: Node[], size: number) => {
    const gesture = new Gesture(coverage, verb, moving(coverage, nodes), extent)
    let said: Refusal | null = null
    for (let frame = 0; frame < 3; frame++) said = gesture.to(way(size)).refusal ?? said
    gesture.end()
    if (said && random() < 0.5) throw said
  }
  const edit = (work: () => unknown) => coverage.edit(verb, work, extent)
  if (verb === 'corner') drag([a], 0.8)
  else if (verb === 'edge') drag(movable(coverage, [a, b], false), 0.5)
  else if (verb === 'border') drag(movable(coverage, wholeBorder(coverage, a, b), false), 0.4)
  else if (verb === 'rim') drag(wholeBorder(coverage, a, b).slice(0, 2), 0.4)
  else if (verb === 'insert') {
    const part = random()
    const [p, q] = [coverage.at(a), coverage.at(b)]
    const at: Point = [Math.round(p[0] + (q[0] - p[0]) * part), Math.round(p[1] + (q[1] - p[1]) * part)]
    edit(() => {
      const node = cornerAt(coverage, a, b, at)
      if (!coverage.isOnRim(node)) coverage.move(node, near(at, 0.1))
    })
  } else if (verb === 'remove') edit(() => removeCorner(coverage, a))
  else if (verb === 'cut') {
    const stroke = [near(place, 2), place, ...(random() < 0.5 ? [near(place, 1)] : []), near(place, 3)]
    edit(() => cut(coverage, stroke, fresh))
  } else if (verb === 'merge') {
    const neighbour = coverage.leftOf(b, a)
    if (neighbour) edit(() => merge(coverage, [cell.key, neighbour]))
  } else if (verb === 'newBorder') {
    const side = random() < 0.5 ? 'left' : 'right'
    const stroke = [near(coverage.at(a), 0.5), place, near(place, 2)]
    edit(() => newBorder(coverage, stroke, side, new Set([cell.key])))
  } else if (verb === 'handOver')
    edit(() => handOver(coverage, [cell.key], pick([...coverage.cells.values()]).community))
  else if (verb === 'newCell') {
    const at = near(coverage.at(a), 4)
    const drawn = Array.from({ length: 3 + Math.floor(random() * 4) }, (_, i, all = 5) => {
      const angle = (2 * Math.PI * (i + random() * 0.5)) / all
      const far = SIDE * (0.5 + random())
      return [Math.round(at[0] + far * Math.cos(angle)), Math.round(at[1] + far * Math.sin(angle))] as Point
    })
    edit(() => newCell(coverage, drawn, { ...facts, community: cell.community, from: [] }, fresh()))
  } else if (verb === 'takeAway') {
    if (coverage.cells.size > 8) edit(() => takeAway(coverage, cell.key))
  } else if (verb === 'fillGap')
    edit(() => fillGap(coverage, place, { ...facts, community: cell.community, from: [] }, fresh()))
  else if (verb === 'undo') coverage.undo()
  else coverage.redo()
}
