// A seamless set of cells held as an indexed face set: a ring is a list of node numbers, so a corner exists once
// and every cell that touches it moves with it. What an edit leaves behind is proved (proof.ts) or undone.
import { EdgeIndex, edgeKey, endsOf } from './edge-index'
import { area2, isSame, type Point } from './point'
import { prove } from './proof'
import { Refusal } from './refusal'

export type Node = number
export type Ring = readonly Node[]
export type CellKey = string

/** What belongs to a cell besides its outline. */
export interface CellFacts {
  readonly community: number
  readonly name: string
  readonly kind: string
  readonly households: number | null
  /** Ids of the cells in force whose ground it comes from. */
  readonly from: readonly number[]
  readonly code: string
}

export interface Cell extends CellFacts {
  readonly key: CellKey
  /** The outline, counter-clockwise, then holes, clockwise; no closing corner. */
  readonly rings: readonly Ring[]
}

export interface DrawnCell extends CellFacts {
  readonly key: CellKey
  readonly rings: readonly (readonly Point[])[]
}

/** One step that can be undone. `null`: the cell is not there. */
export interface Change {
  readonly title: string
  readonly cells: Map<CellKey, { before: Cell | null; after: Cell | null }>
  readonly moved: Map<Node, { before: Point; after: Point }>
  /** The outer border was changed by name, for this reason. */
  extent: string | null
}

/** Half a degree: products of two such lengths are exact. */
const HALF = 2 ** 26

export class Coverage {
  private readonly places: Point[] = []
  private readonly links: (Map<Node, CellKey | null> | undefined)[] = []
  private readonly kept = new Map<CellKey, Cell>()
  readonly index = new EdgeIndex()
  private open: Change | null = null
  private done: Change[] = []
  private undone: Change[] = []

  /** Cells as they come from the server. Corners at the same place become one. */
  static of(drawn: Iterable<DrawnCell>): Coverage {
    const made = new Coverage()
    const known = new Map<number | string, Node>()
    let origin: Point | undefined
    const nodeOf = (at: Point): Node => {
      origin ??= at
      const name = nameOf(at, origin)
      let node = known.get(name)
      if (node === undefined) {
        node = made.addNode(at)
        known.set(name, node)
      }
      return node
    }
    for (const cell of drawn)
      made.put({ ...cell, rings: cell.rings.map((ring) => ring.map((at) => nodeOf(at))) })
    return made
  }

  // What there is -----------------------------------------------------------------------------------------

  get cells(): ReadonlyMap<CellKey, Cell> {
    return this.kept
  }

  get nodeCount(): number {
    return this.places.length
  }

  cell(key: CellKey): Cell {
    const found = this.kept.get(key)
    if (!found) throw new Error(`no cell ${key}`)
    return found
  }

  at(node: Node): Point {
    return this.places[node] as Point
  }

  outline(ring: Ring): Point[] {
    return ring.map((node) => this.at(node))
  }

  drawn(cell: Cell): Point[][] {
    return cell.rings.map((ring) => this.outline(ring))
  }

  /** The cell to the left of a > b; null: none there; undefined: no such border. */
  leftOf(a: Node, b: Node): CellKey | null | undefined {
    return this.links[a]?.get(b)
  }

  /** The nodes that borders lead to from here. */
  linksOf(node: Node): Node[] {
    return [...(this.links[node]?.keys() ?? [])]
  }

  cellsAt(node: Node): Set<CellKey> {
    const found = new Set<CellKey>()
    for (const key of this.links[node]?.values() ?? []) if (key !== null) found.add(key)
    return found
  }

  isOnRim(node: Node): boolean {
    for (const key of this.links[node]?.values() ?? []) if (key === null) return true
    return false
  }

  isRim(a: Node, b: Node): boolean {
    return this.leftOf(a, b) === null || this.leftOf(b, a) === null
  }

  /** Every border once, as its two nodes. */
  *edges(): Generator<[Node, Node]> {
    for (const [a, there] of this.links.entries())
      for (const b of there?.keys() ?? []) if (a < b) yield [a, b]
  }

  edgesNear(a: Point, b: Point, reach: number): [Node, Node][] {
    return [...this.index.alongSegment(a, b, reach)].map(endsOf)
  }

  nodeAt(at: Point): Node | null {
    for (const ends of this.edgesNear(at, at, 0))
      for (const node of ends) if (isSame(this.at(node), at)) return node
    return null
  }

  // Editing -----------------------------------------------------------------------------------------------

  /** All of `work` is one step: if it throws, or leaves anything but a seamless grid, nothing happened. */
  edit(title: string, work: () => void, extent: string | null = null): Change {
    const change = this.attempt(title, work, extent)
    this.remember(change)
    return change
  }

  /** As `edit`, but not yet a step to undo: for frames of a gesture (see gesture.ts). */
  attempt(title: string, work: () => void, extent: string | null = null): Change {
    const change: Change = { title, cells: new Map(), moved: new Map(), extent }
    this.open = change
    try {
      work()
      this.open = null
      // Parts that came and went inside of this step are nobody's business.
      for (const [key, { before, after }] of change.cells) if (!before && !after) change.cells.delete(key)
      prove(this, change)
    } catch (reason) {
      this.open = null
      this.apply(change, 'before')
      throw reason
    }
    return change
  }

  remember(change: Change): void {
    this.done.push(change)
    this.undone = []
  }

  get canUndo(): Change | null {
    return this.done.at(-1) ?? null
  }

  get canRedo(): Change | null {
    return this.undone.at(-1) ?? null
  }

  undo(): Change | null {
    const change = this.done.pop() ?? null
    if (change) {
      this.apply(change, 'before')
      this.undone.push(change)
    }
    return change
  }

  redo(): Change | null {
    const change = this.undone.pop() ?? null
    if (change) {
      this.apply(change, 'after')
      this.done.push(change)
    }
    return change
  }

  /** What others saved: cells as they are now. Own steps over the same ground can no longer be undone. */
  adopt(drawn: Iterable<DrawnCell>, gone: Iterable<CellKey>): Set<CellKey> {
    const puts = [...drawn]
    const touched = new Set<CellKey>([...puts.map(({ key }) => key), ...gone])
    for (const key of touched) this.take(key)
    for (const cell of puts)
      this.put({
        ...cell,
        rings: cell.rings.map((ring) => ring.map((at) => this.nodeAt(at) ?? this.addNode(at))),
      })
    this.done = this.done.slice(1 + this.done.findLastIndex((step) => overlaps(this, step, touched)))
    this.undone = []
    return touched
  }

  /** A cell that the server calls by another key from now on; steps that can be undone know it by that too. */
  rename(from: CellKey, key: CellKey, code: string): void {
    const cell = this.kept.get(from)
    if (cell) {
      this.take(from)
      this.put({ ...cell, key, code })
    }
    for (const { cells } of [...this.done, ...this.undone]) {
      const states = cells.get(from)
      if (!states) continue
      const renamed = (state: Cell | null) => state && { ...state, key, code }
      cells.delete(from)
      cells.set(key, { before: renamed(states.before), after: renamed(states.after) })
    }
  }

  apply(change: Change, way: 'before' | 'after'): void {
    for (const key of change.cells.keys()) this.take(key)
    for (const [node, move] of change.moved) this.shift(node, move[way])
    for (const states of change.cells.values()) {
      const cell = states[way]
      if (cell) this.put(cell)
    }
  }

  /** Cells whose outline or facts a step changes, those that are gone too. */
  touched(change: Change): Set<CellKey> {
    const found = new Set(change.cells.keys())
    for (const node of change.moved.keys()) for (const key of this.cellsAt(node)) found.add(key)
    return found
  }

  // For the verbs (reshape.ts, cut.ts, merge.ts, land.ts) --------------------------------------------------

  addNode(at: Point): Node {
    this.places.push(at)
    return this.places.length - 1
  }

  move(node: Node, to: Point): void {
    const before = this.at(node)
    if (isSame(before, to)) return
    if (this.open) {
      const known = this.open.moved.get(node)
      this.open.moved.set(node, { before: known?.before ?? before, after: to })
    }
    this.shift(node, to)
  }

  store(cell: Cell): void {
    for (const ring of cell.rings) {
      if (ring.length < 3)
        throw new Refusal('TOO_FEW_CORNERS', ring[0] === undefined ? null : this.at(ring[0]))
      if (new Set(ring).size < ring.length) throw new Refusal('CROSSING', this.at(twice(ring)))
    }
    this.note(cell.key, cell)
    this.take(cell.key)
    this.put(cell)
  }

  drop(key: CellKey): void {
    this.note(key, null)
    this.take(key)
  }

  /** Twice the signed area of a ring, in square units. */
  area2(ring: Ring): number {
    return area2(this.outline(ring))
  }

  private note(key: CellKey, after: Cell | null): void {
    if (!this.open) throw new Error('outside of an edit')
    const known = this.open.cells.get(key)
    this.open.cells.set(key, { before: known ? known.before : (this.kept.get(key) ?? null), after })
  }

  private put(cell: Cell): void {
    this.kept.set(cell.key, cell)
    for (const ring of cell.rings)
      ring.forEach((a, i) => {
        this.link(a, ring[(i + 1) % ring.length] as Node, cell.key)
      })
  }

  private take(key: CellKey): void {
    const cell = this.kept.get(key)
    if (!cell) return
    this.kept.delete(key)
    for (const ring of cell.rings)
      ring.forEach((a, i) => {
        this.unlink(a, ring[(i + 1) % ring.length] as Node, key)
      })
  }

  private link(a: Node, b: Node, key: CellKey): void {
    let from = this.links[a]
    if (!from) this.links[a] = from = new Map()
    let back = this.links[b]
    if (!back) this.links[b] = back = new Map()
    if (!from.has(b)) this.index.add(edgeKey(a, b), this.at(a), this.at(b))
    else if (from.get(b) !== null) throw new Refusal('OVERLAP', this.at(a))
    from.set(b, key)
    if (!back.has(a)) back.set(a, null)
  }

  private unlink(a: Node, b: Node, key: CellKey): void {
    const from = this.links[a]
    const back = this.links[b]
    if (!from || !back || from.get(b) !== key) return
    from.set(b, null)
    if (back.get(a) !== null) return
    from.delete(b)
    back.delete(a)
    this.index.remove(edgeKey(a, b), this.at(a), this.at(b))
  }

  private shift(node: Node, to: Point): void {
    const here = this.at(node)
    const ends = this.links[node]?.keys() ?? []
    for (const end of ends) {
      const key = edgeKey(node, end)
      this.index.remove(key, here, this.at(end))
      this.index.add(key, to, this.at(end))
    }
    this.places[node] = to
  }
}

/** A place as one number while it is within half a degree of the origin, which is quicker to look up than text. */
function nameOf(at: Point, origin: Point): number | string {
  const x = at[0] - origin[0] + HALF
  const y = at[1] - origin[1] + HALF
  return x >= 0 && y >= 0 && x < 2 * HALF && y < HALF ? x * HALF + y : `${at[0]},${at[1]}`
}

const twice = (ring: Ring): Node => ring.find((node, i) => ring.indexOf(node) !== i) as Node

const overlaps = (coverage: Coverage, step: Change, keys: ReadonlySet<CellKey>): boolean =>
  [...coverage.touched(step)].some((key) => keys.has(key))
