// One gesture (a drag, a key held down) is one step to undo. Each frame begins from where the gesture began;
// a frame that is refused leaves the last good place, as near to the wanted one as the rules let it.
import type { CellKey, Change, Coverage, Node } from './coverage'
import type { Point } from './point'
import { Refusal } from './refusal'

const HALVINGS = 6

export class Gesture {
  private readonly coverage: Coverage
  private readonly title: string
  private readonly work: (way: Point) => void
  private readonly extent: string | null
  private good: Change | null = null
  private goodWay: Point = [0, 0]

  /** `work` applies the gesture for a way of so many units east and north. */
  constructor(coverage: Coverage, title: string, work: (way: Point) => void, extent: string | null = null) {
    this.coverage = coverage
    this.title = title
    this.work = work
    this.extent = extent
  }

  /** The cells to draw anew, and why it goes no further, if it does not. */
  to(way: Point): { touched: Set<CellKey>; refusal: Refusal | null } {
    const touched = this.good ? this.coverage.touched(this.good) : new Set<CellKey>()
    const from = this.goodWay
    let refusal = this.try(way, touched)
    if (refusal) {
      let [low, high] = [0, 1]
      for (let i = 0; i < HALVINGS; i++) {
        const share = (low + high) / 2
        const part: Point = [
          Math.round(from[0] + (way[0] - from[0]) * share),
          Math.round(from[1] + (way[1] - from[1]) * share),
        ]
        const said = this.try(part, touched)
        if (said) {
          refusal = said
          high = share
        } else low = share
      }
    }
    return { touched, refusal }
  }

  /** The step as it ends; null when nothing was changed. */
  end(): Change | null {
    if (this.good && (this.good.cells.size > 0 || this.good.moved.size > 0)) this.coverage.remember(this.good)
    return this.good
  }

  drop(): Set<CellKey> {
    const touched = this.good ? this.coverage.touched(this.good) : new Set<CellKey>()
    if (this.good) this.coverage.apply(this.good, 'before')
    this.good = null
    return touched
  }

  private try(way: Point, touched: Set<CellKey>): Refusal | null {
    const before = this.good
    if (before) this.coverage.apply(before, 'before')
    try {
      this.good = this.coverage.attempt(this.title, () => this.work(way), this.extent)
      this.goodWay = way
      for (const key of this.coverage.touched(this.good)) touched.add(key)
      return null
    } catch (reason) {
      if (before) this.coverage.apply(before, 'after')
      if (reason instanceof Refusal) return reason
      throw reason
    }
  }
}

/** Moves nodes from where they are when the gesture begins. */
export function moving(coverage: Coverage, nodes: Iterable<Node>): (way: Point) => void {
  const from = [...nodes].map((node) => [node, coverage.at(node)] as const)
  return ([x, y]) => {
    for (const [node, at] of from) coverage.move(node, [at[0] + x, at[1] + y])
  }
}
