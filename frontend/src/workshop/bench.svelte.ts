// The workbench: the grid being drawn, what is picked, and what the supervisor does to it. The page shows it, the
// hands (hands.ts) drive it, the map draws it.

import { named } from '../i18n/index.svelte'
import { Counting } from './counting.svelte'
import { bodyOf, freshKey } from './edit-body'
import type { Cell, CellFacts, CellKey, Change, Node } from './model/coverage'
import { Coverage } from './model/coverage'
import { cut } from './model/cut'
import { Gesture, moving } from './model/gesture'
import { fillGap, newCell, takeAway } from './model/land'
import { type Finding, lint, RULES } from './model/lint'
import { measure } from './model/measure'
import { merge, newBorder, type Side } from './model/merge'
import type { Point } from './model/point'
import { Refusal } from './model/refusal'
import { cornerAt, describe, handOver, movable, removeCorner, wholeBorder } from './model/reshape'
import { ResponsibilityGrids } from './model/responsibility'
import { type Basis, shareHouseholds } from './model/share-households'
import { Surroundings } from './model/surroundings'
import { Saving } from './saving.svelte'
import { type CityRules, type Community, drawnOf, type GridAnswer } from './seam'
import type { BenchHears, Compared, Said, Tool } from './verbs'

export class Bench {
  coverage = $state.raw(Coverage.of([]))
  communities = $state.raw<Community[]>([])
  tool = $state<Tool>('reshape')
  picked = $state.raw<readonly CellKey[]>([])
  focused = $state.raw<Node | null>(null)
  stroke = $state.raw<readonly Point[]>([])
  /** A finished stroke of a new border waits for the side to be chosen. */
  choosing = $state<Side | null>(null)
  refused = $state.raw<Said | null>(null)
  /** The cells that the last or the present edit changes, and how many move together now. */
  touched = $state.raw<readonly CellKey[]>([])
  compared = $state.raw<readonly Compared[]>([])
  readonly counting = new Counting()
  findings = $state.raw<readonly Finding[]>([])
  /** The reason for which the extent may be changed; null: it may not. */
  extent = $state<string | null>(null)
  steps = $state.raw<{ undo: Change | null; redo: Change | null }>({ undo: null, redo: null })
  isReadOnly = $state(true)
  edition = $state('')
  /** What the city wishes of its cells, as far as it has been told. */
  rules = $state.raw<CityRules>({ ...RULES, grids: [] })
  /** Households that a split shared out, until somebody confirms them. */
  estimated = $state.raw<ReadonlyMap<CellKey, Basis>>(new Map())
  readonly around = new Surroundings()
  saving: Saving = $state.raw(new Saving(null))
  private gesture: Gesture | null = null
  private baseline = new Map<CellKey, Compared['before']>()
  private english: ReadonlyMap<CellKey, string> = new Map()
  private grids: ResponsibilityGrids | null = null
  private readonly hears: BenchHears

  constructor(hears: BenchHears) {
    this.hears = hears
  }

  load(answer: GridAnswer, saving: Saving, isReadOnly: boolean): void {
    this.saving.close()
    this.saving = saving
    saving.renamed = (names) => this.rename(names)
    saving.versions = Object.fromEntries(answer.cells.map(({ key, version }) => [key, version]))
    this.coverage = Coverage.of(answer.cells.map(drawnOf))
    this.communities = answer.communities
    this.edition = answer.edition.name
    this.isReadOnly = isReadOnly
    this.baseline = new Map()
    this.counting.clear()
    this.estimated = new Map()
    this.english = new Map(answer.cells.map(({ key, name_en }) => [key, name_en]))
    this.grids = this.gridsOf(answer)
    this.touched = []
    this.compared = []
    this.findings = []
    this.pick([])
    this.tellSteps()
    this.hears.redrawAll()
  }

  /** The name in the reader's language, else the code. */
  nameOf = ({ key, name, code }: { key: CellKey; name: string; code: string }): string =>
    named(name, this.english.get(key)) || code

  follow(rules: CityRules, answer: GridAnswer): void {
    this.rules = rules
    this.grids = this.gridsOf(answer)
    this.look(this.picked)
  }

  private gridsOf({ communities, cells }: GridAnswer): ResponsibilityGrids {
    return new ResponsibilityGrids(
      this.rules.grids,
      new Map(communities.map(({ id, code }) => [id, code])),
      new Map(cells.flatMap(({ id, code }) => (id === null ? [] : [[id, code] as const]))),
    )
  }

  /** Cells as others left them; own waiting edits stay as they are. */
  adopt(answer: GridAnswer): CellKey[] {
    const { versions, pending } = this.saving
    const puts = answer.cells.filter(({ key, version }) => versions[key] !== version && !pending.has(key))
    const there = new Set(answer.cells.map(({ key }) => key))
    const gone = [...this.coverage.cells.keys()].filter((key) => !there.has(key) && !pending.has(key))
    if (puts.length === 0 && gone.length === 0) return []
    this.drop()
    const touched = [...this.coverage.adopt(puts.map(drawnOf), gone)]
    for (const { key, version } of puts) versions[key] = version
    this.pick(this.picked.filter((key) => this.coverage.cells.has(key)))
    this.tellSteps()
    this.hears.redraw(touched)
    return touched
  }

  private rename(names: Map<CellKey, { key: CellKey; code: string }>): void {
    for (const [from, { key, code }] of names) this.coverage.rename(from, key, code)
    const now = (key: CellKey) => names.get(key)?.key ?? key
    this.picked = this.picked.map(now)
    this.estimated = new Map([...this.estimated].map(([key, basis]) => [now(key), basis]))
    this.look(this.picked)
    this.hears.redraw([...names].flatMap(([from, { key }]) => [from, key]))
    this.hears.picked()
  }

  // Picking -----------------------------------------------------------------------------------------------

  choose(tool: Tool): void {
    this.drop()
    this.tool = tool
    if (tool === 'merge' || tool === 'handOver') this.focus(null)
    this.hears.picked()
  }

  pick(keys: readonly CellKey[]): void {
    this.picked = [...new Set(keys)]
    if (
      this.focused !== null &&
      !this.picked.some((key) =>
        this.coverage
          .cell(key)
          .rings.flat()
          .includes(this.focused as Node),
      )
    )
      this.focused = null
    this.look(this.picked)
    this.hears.picked()
  }

  toggle(key: CellKey): void {
    this.pick(this.picked.includes(key) ? this.picked.filter((one) => one !== key) : [...this.picked, key])
  }

  focus(node: Node | null): void {
    this.focused = node
    this.hears.picked()
  }

  /** The next corner of the picked cell, for the keyboard. */
  focusNext(by: 1 | -1): void {
    const ring = this.picked[0] === undefined ? [] : this.coverage.cell(this.picked[0]).rings.flat()
    if (ring.length === 0) return
    const at = this.focused === null ? -1 : ring.indexOf(this.focused)
    this.focus(ring[(at + by + ring.length) % ring.length] as Node)
  }

  // Gestures ----------------------------------------------------------------------------------------------

  grab(nodes: readonly Node[]): void {
    const free = movable(this.coverage, nodes, this.extent !== null)
    const [fixed] = nodes
    if (free.length === 0 && fixed !== undefined) {
      this.refused = { reason: 'EXTENT', place: this.coverage.at(fixed) }
      return
    }
    this.begin('move', moving(this.coverage, free))
  }

  /** A new corner on the border a-b, that moves with the pointer. */
  grabNew(a: Node, b: Node, at: Point): void {
    this.begin('insert', ([x, y]) => {
      const node = cornerAt(this.coverage, a, b, at)
      this.coverage.move(node, [at[0] + x, at[1] + y])
    })
  }

  grabBorder(a: Node, b: Node): void {
    this.grab(wholeBorder(this.coverage, a, b))
  }

  get isGrabbing(): boolean {
    return this.gesture !== null
  }

  /** One frame of the gesture: so many units east and north of where it began. */
  pull(way: Point): void {
    if (!this.gesture) return
    const { touched, refusal } = this.gesture.to(way)
    this.refused = refusal
    this.hears.redraw(touched)
    this.touched = [...touched]
  }

  release(): void {
    const change = this.gesture?.end() ?? null
    this.gesture = null
    if (change) this.changed(change)
  }

  /** Lets go of a gesture or a stroke that is not finished. */
  drop(): void {
    const touched = this.gesture?.drop()
    this.gesture = null
    if (touched) this.hears.redraw(touched)
    this.stroke = []
    this.choosing = null
    this.refused = null
  }

  private begin(title: string, work: (way: Point) => void): void {
    if (this.isReadOnly) return
    this.refused = null
    this.rememberAround()
    this.gesture = new Gesture(this.coverage, title, work, this.extent)
  }

  // Edits -------------------------------------------------------------------------------------------------

  /** A corner moved by keys: each press is a step of its own. */
  nudge(way: Point): void {
    if (this.focused === null) return
    this.grab([this.focused])
    this.pull(way)
    this.release()
  }

  dropCorner(node: Node): boolean {
    const done = this.edit('removeCorner', () => removeCorner(this.coverage, node))
    if (done) this.focus(null)
    return done
  }

  /** Ends the stroke, or does what the tool does to the picked cells. */
  finish(): void {
    const stroke = [...this.stroke]
    if (this.tool === 'cut' && stroke.length > 1) {
      const only = this.picked.length > 0 ? new Set(this.picked) : null
      let made: CellKey[] = []
      const shared = new Map<CellKey, Basis>()
      const done = this.edit('cut', () => {
        const { parted } = cut(this.coverage, stroke, freshKey, only)
        made = parted.flatMap(({ cell, parts }) => [cell, ...parts])
        for (const { cell, parts } of parted) {
          const keys = [cell, ...parts]
          const basis = shareHouseholds(this.coverage, this.around, keys)
          if (basis) for (const key of keys) shared.set(key, basis)
        }
      })
      if (done) {
        this.estimated = new Map([...this.estimated, ...shared])
        this.pick(made)
      }
      this.stroke = []
    } else if (this.tool === 'newBorder' && stroke.length > 1) {
      if (this.choosing) this.giveSide(this.choosing)
      else this.choosing = 'left'
    } else if (this.tool === 'draw' && stroke.length > 2) {
      const key = freshKey()
      if (this.edit('newCell', () => newCell(this.coverage, stroke, this.newFacts(), key))) this.pick([key])
      this.stroke = []
    } else if (this.tool === 'merge' && this.picked.length > 1) {
      const [first, ...others] = this.picked
      if (first && this.edit('merge', () => merge(this.coverage, [first, ...others]))) this.pick([first])
    }
  }

  giveSide(side: Side): void {
    const only = this.picked.length > 0 ? new Set(this.picked) : null
    const stroke = this.stroke
    this.choosing = null
    this.stroke = []
    this.edit('newBorder', () => newBorder(this.coverage, stroke, side, only))
  }

  giveTo(community: number): void {
    this.edit('handOver', () => handOver(this.coverage, this.picked, community))
  }

  /** Households as somebody who knows tells them. */
  tellHouseholds(key: CellKey, households: number | null): void {
    const isOther = this.coverage.cell(key).households !== households
    if (isOther && !this.edit('households', () => describe(this.coverage, key, { households }))) return
    this.estimated = new Map([...this.estimated].filter(([one]) => one !== key))
  }

  fill(at: Point): void {
    const key = freshKey()
    if (this.edit('newCell', () => fillGap(this.coverage, at, this.newFacts(), key))) this.pick([key])
  }

  takeAway(key: CellKey): void {
    if (this.edit('takeAway', () => takeAway(this.coverage, key))) this.pick([])
  }

  fix(finding: Finding): void {
    if (finding.fix) this.edit('fix', finding.fix)
  }

  undo(): void {
    this.drop()
    this.stepped(this.coverage.undo())
  }

  redo(): void {
    this.drop()
    this.stepped(this.coverage.redo())
  }

  private stepped(change: Change | null): void {
    if (!change) return
    this.pick(this.picked.filter((key) => this.coverage.cells.has(key)))
    this.changed(change)
  }

  private edit(title: string, work: () => void): boolean {
    if (this.isReadOnly) return false
    this.refused = null
    this.rememberAround()
    try {
      this.changed(this.coverage.edit(title, work, this.extent))
      return true
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw reason
      this.refused = { reason: reason.reason, place: reason.place }
      return false
    }
  }

  private changed(change: Change): void {
    const { vanished } = this.saving
    for (const key of change.cells.keys())
      if (vanished.has(key) && this.coverage.cells.has(key)) this.coverage.rename(key, freshKey(), '')
    const touched = [...this.coverage.touched(change)]
    if (touched.length === 0) return
    this.saving.add(bodyOf(this.coverage, touched, change, change.title))
    this.touched = touched
    if (this.picked.some((key) => !this.coverage.cells.has(key)))
      this.pick(this.picked.filter((key) => this.coverage.cells.has(key)))
    this.tellSteps()
    this.look(touched)
    this.hears.redraw(touched)
    this.hears.picked()
  }

  private tellSteps(): void {
    this.steps = { undo: this.coverage.canUndo, redo: this.coverage.canRedo }
  }

  // Figures -----------------------------------------------------------------------------------------------

  /** Before and after of these cells, and what the lint says of them. */
  look(keys: readonly CellKey[]): void {
    const cells = keys.flatMap((key) => this.coverage.cells.get(key) ?? [])
    this.compared = cells.slice(0, 24).map((cell) => ({
      key: cell.key,
      code: cell.code,
      name: cell.name,
      before: this.baseline.get(cell.key) ?? null,
      now: this.figures(cell),
    }))
    this.findings = lint(this.coverage, keys.slice(0, 60), this.around, this.rules, this.grids)
    this.counting.ask(
      this.coverage,
      this.compared.map(({ key }) => key),
    )
  }

  /** The picked cells and their neighbours: what an edit of them may change. */
  private rememberAround(): void {
    for (const key of this.picked)
      for (const node of this.coverage.cell(key).rings.flat())
        for (const near of this.coverage.cellsAt(node)) this.remember(near)
  }

  private remember(key: CellKey): void {
    const cell = this.coverage.cells.get(key)
    if (cell && !this.baseline.has(key)) this.baseline.set(key, this.figures(cell))
  }

  private figures = (cell: Cell) => ({ ...measure(this.coverage, cell), households: cell.households })

  private newFacts(): CellFacts {
    const [near] = this.picked
    const community = near ? this.coverage.cell(near).community : (this.communities[0]?.id ?? 0)
    return { community, name: '', kind: 'GENERAL', households: null, from: [], code: '' }
  }
}
