// Mouse, touch and keyboard on the map, turned into what the bench does. `frames` holds, for each frame of a drag, the
// milliseconds of script from hearing the pointer to having told the map.
import type { MapMouseEvent, MapTouchEvent } from '../map/maplibre'
import type { Bench } from './bench.svelte'
import type { BoardMap } from './board-map'
import type { CellKey, Node } from './model/coverage'
import { isIn } from './model/cut'
import { type Point, perMetre, toLngLat, toPoint } from './model/point'
import { borderNear, cornerNear, type Reach, snap } from './model/snapping'
import { STROKES, TOOLS, type Tool } from './verbs'

const REACH_PX = { mouse: { corner: 10, line: 7 }, touch: { corner: 24, line: 18 } }
const CLICK_PX = 4
export const KEY_OF: Record<Tool, string> = {
  reshape: 'v',
  border: 'b',
  cut: 's',
  newBorder: 'n',
  merge: 'm',
  handOver: 'h',
  draw: 'd',
  remove: 'x',
}
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

type Heard = MapMouseEvent | MapTouchEvent

export class Hands {
  readonly frames: number[] = []
  private spent = 0
  private readonly bench: Bench
  private readonly board: BoardMap
  private from: { at: Point; x: number; y: number; grabbed: ReadonlySet<Node> } | null = null
  private latest: { at: Point; x: number; y: number; free: boolean; touch: boolean } | null = null
  private isQueued = false
  /** The button was let go after a drag: the click that the map then tells is none. */
  private wasDrag = false

  constructor(bench: Bench, board: BoardMap) {
    this.bench = bench
    this.board = board
    const { map } = board
    map.on('mousedown', (event) => event.originalEvent.button === 0 && this.down(event, false))
    map.on('touchstart', (event) => {
      if (event.points.length === 1) this.down(event, true)
      else this.cancel()
    })
    map.on('mousemove', (event) => this.move(event, false, event.originalEvent.altKey))
    map.on('touchmove', (event) => this.move(event, true, false))
    map.on('mouseup', () => this.up())
    map.on('touchend', () => this.up())
    map.on('touchcancel', () => this.cancel())
    map.on('click', (event) => this.click(event))
    map.on('dblclick', (event) => this.doubleClick(event))
    // A button let go beside the map ends the drag too.
    window.addEventListener('mouseup', this.up)
  }

  remove(): void {
    window.removeEventListener('mouseup', this.up)
  }

  private place = (event: Heard): Point => toPoint([event.lngLat.lng, event.lngLat.lat])

  private reach(touch: boolean): Reach {
    const pixels = REACH_PX[touch ? 'touch' : 'mouse']
    const { map } = this.board
    const middle = map.getCenter()
    const here = map.project(middle)
    const beside = map.unproject([here.x, here.y + 1])
    const unit = Math.abs(beside.lat - middle.lat) * 2 ** 27
    return { corner: pixels.corner * unit, line: pixels.line * unit }
  }

  private isOfPicked = (a: Node, b: Node): boolean => {
    const { coverage, picked } = this.bench
    if (picked.length === 0) return true
    return [coverage.leftOf(a, b), coverage.leftOf(b, a)].some((key) => key && picked.includes(key))
  }

  cellAt(at: Point): CellKey | null {
    const { coverage } = this.bench
    for (const cell of coverage.cells.values()) if (isIn(coverage, cell, at)) return cell.key
    return null
  }

  // Pointer -----------------------------------------------------------------------------------------------

  private down(event: Heard, touch: boolean): void {
    const { bench } = this
    const at = this.place(event)
    this.wasDrag = false
    if (bench.isReadOnly || (bench.tool !== 'reshape' && bench.tool !== 'border')) return
    const { coverage, picked } = bench
    const reach = this.reach(touch)
    const corner =
      bench.tool === 'reshape' && picked.length > 0 ? this.cornerOfPicked(at, reach.corner) : null
    const border = corner === null ? borderNear(coverage, at, reach.line, this.isOfPicked) : null
    if (corner === null && !border) return
    if (bench.tool === 'reshape' && picked.length === 0) return
    event.preventDefault()
    let grabbed: Node[] = []
    if (corner !== null) {
      bench.focus(corner)
      grabbed = [corner]
      bench.grab(grabbed)
    } else if (border && bench.tool === 'border') bench.grabBorder(...border)
    else if (border) {
      const [a, b] = border
      const isMiddle = Math.hypot(...this.offMiddle(at, a, b)) < reach.corner
      if (isMiddle) bench.grabNew(a, b, at)
      else {
        grabbed = [a, b]
        bench.grab(grabbed)
      }
    }
    if (!bench.isGrabbing) return
    const { x, y } = event.point
    this.from = { at: corner === null ? at : coverage.at(corner), x, y, grabbed: new Set(grabbed) }
  }

  private offMiddle(at: Point, a: Node, b: Node): [number, number] {
    const [p, q] = [this.bench.coverage.at(a), this.bench.coverage.at(b)]
    return [(p[0] + q[0]) / 2 - at[0], (p[1] + q[1]) / 2 - at[1]]
  }

  private cornerOfPicked(at: Point, reach: number): Node | null {
    const node = cornerNear(this.bench.coverage, at, reach)
    if (node === null) return null
    return [...this.bench.coverage.cellsAt(node)].some((key) => this.bench.picked.includes(key)) ? node : null
  }

  private move(event: Heard, touch: boolean, free: boolean): void {
    const begun = performance.now()
    if (this.from) {
      event.preventDefault()
      this.latest = { at: this.place(event), x: event.point.x, y: event.point.y, free, touch }
      if (!this.isQueued) {
        this.isQueued = true
        requestAnimationFrame(this.frame)
      }
    } else if (this.bench.stroke.length > 0 && !this.bench.choosing) {
      const snapped = this.snapped(this.place(event), touch, free)
      this.board.stroke([...this.bench.stroke, snapped], this.bench.tool === 'draw')
    } else return
    this.spent += performance.now() - begun
    if (!this.from) this.framed()
  }

  private framed(): void {
    this.frames.push(this.spent)
    this.spent = 0
  }

  private frame = (): void => {
    this.isQueued = false
    const { from, latest, bench } = this
    if (!from || !latest || !bench.isGrabbing) return
    const begun = performance.now()
    if (Math.hypot(latest.x - from.x, latest.y - from.y) >= CLICK_PX / 2) {
      const at =
        latest.free || from.grabbed.size !== 1
          ? latest.at
          : snap(bench.coverage, bench.around, latest.at, this.snapReach(latest.touch), this.movingNodes()).at
      this.wasDrag = true
      bench.pull([at[0] - from.at[0], at[1] - from.at[1]])
      this.board.handles(bench.picked, bench.focused)
    }
    this.spent += performance.now() - begun
    this.framed()
  }

  /** A dragged corner does not snap to the borders that move with it. */
  private movingNodes(): ReadonlySet<Node> {
    const nodes = new Set<Node>(this.from?.grabbed)
    for (const node of this.from?.grabbed ?? [])
      for (const end of this.bench.coverage.linksOf(node)) nodes.add(end)
    return nodes
  }

  /** To streets and buildings; to other corners a dragged corner cannot go. */
  private snapReach(touch: boolean): Reach {
    return { corner: 0, line: this.reach(touch).line }
  }

  private snapped(at: Point, touch: boolean, free: boolean): Point {
    if (free) return at
    return snap(this.bench.coverage, this.bench.around, at, this.reach(touch)).at
  }

  private up = (): void => {
    if (!this.from) return
    if (this.isQueued) this.frame()
    this.from = null
    this.latest = null
    this.bench.release()
  }

  private cancel(): void {
    this.from = null
    this.latest = null
    this.bench.drop()
  }

  private click(event: MapMouseEvent): void {
    const { bench } = this
    const { wasDrag } = this
    this.wasDrag = false
    if (wasDrag) return
    const touch = (event.originalEvent as PointerEvent).pointerType === 'touch'
    const at = this.place(event)
    const key = this.cellAt(at)
    if (bench.choosing) return
    if (STROKES.includes(bench.tool) && !bench.isReadOnly) {
      this.addPlace(this.snapped(at, touch, event.originalEvent.altKey))
      return
    }
    if (bench.tool === 'remove' && key && !bench.isReadOnly) bench.pick([key])
    else if (key === null) bench.pick([])
    else if (bench.tool === 'merge' || bench.tool === 'handOver' || event.originalEvent.shiftKey)
      bench.toggle(key)
    else if (!(bench.picked.length === 1 && bench.picked[0] === key)) bench.pick([key])
  }

  private addPlace(at: Point): void {
    const { bench } = this
    bench.stroke = [...bench.stroke, at]
    this.board.stroke(bench.stroke, bench.tool === 'draw')
  }

  private doubleClick(event: MapMouseEvent): void {
    const { bench } = this
    event.preventDefault()
    if (STROKES.includes(bench.tool)) {
      // The second click has added the place once more.
      bench.stroke = bench.stroke.slice(0, -1)
      bench.finish()
    } else if (bench.tool === 'reshape' && bench.picked.length > 0) {
      const node = this.cornerOfPicked(this.place(event), this.reach(false).corner)
      if (node !== null) bench.dropCorner(node)
    }
  }

  // Keyboard ----------------------------------------------------------------------------------------------

  /** True when the key was ours. */
  key(event: KeyboardEvent): boolean {
    const { bench } = this
    const command = event.ctrlKey || event.metaKey
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (command) {
      if (key === 'z' && !event.shiftKey) bench.undo()
      else if (key === 'y' || (key === 'z' && event.shiftKey)) bench.redo()
      else return false
      return true
    }
    if (event.altKey) return false
    const tool = TOOLS.find((one) => KEY_OF[one] === key)
    if (tool) bench.choose(tool)
    else if (key === 'Escape') {
      if (bench.isGrabbing || bench.stroke.length > 0) this.cancel()
      else bench.pick([])
    } else if (key === 'Enter') {
      if (bench.stroke.length > 0 || bench.tool === 'merge') bench.finish()
      else this.pickMiddle(event.shiftKey)
    } else if (key === ' ') {
      if (STROKES.includes(bench.tool)) this.addPlace(this.middle())
      else this.pickMiddle(event.shiftKey || bench.tool === 'merge' || bench.tool === 'handOver')
    } else if (key === 'Backspace' && bench.stroke.length > 0) {
      bench.stroke = bench.stroke.slice(0, -1)
      this.board.stroke(bench.stroke, bench.tool === 'draw')
    } else if (key === 'Delete' && bench.focused !== null) bench.dropCorner(bench.focused)
    else if (key === ',' || key === '.') this.focusNext(key === '.' ? 1 : -1)
    else if (bench.choosing && (key === 'ArrowLeft' || key === 'ArrowRight'))
      bench.choosing = key === 'ArrowLeft' ? 'left' : 'right'
    else if (key in ARROWS && bench.focused !== null)
      this.nudge(ARROWS[key] as Point, event.shiftKey ? 10 : 1)
    else return false
    return true
  }

  private focusNext(by: 1 | -1): void {
    const { bench, board } = this
    bench.focusNext(by)
    if (bench.focused === null) return
    const at = toLngLat(bench.coverage.at(bench.focused))
    if (!board.map.getBounds().contains(at)) board.map.jumpTo({ center: at })
  }

  private nudge(way: Point, metres: number): void {
    const { bench } = this
    if (bench.focused === null) return
    const unit = perMetre(bench.coverage.at(bench.focused)[1])
    bench.nudge([Math.round(way[0] * metres * unit.x), Math.round(way[1] * metres * unit.y)])
  }

  private middle(): Point {
    const { lng, lat } = this.board.map.getCenter()
    return toPoint([lng, lat])
  }

  private pickMiddle(more: boolean): void {
    const key = this.cellAt(this.middle())
    if (key === null) return
    if (more) this.bench.toggle(key)
    else this.bench.pick([key])
  }
}
