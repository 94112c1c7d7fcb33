// What lies on the bench: the grid in force, a draft, or the grid in force under correction; how it got there, what
// others do to it meanwhile, and what this browser still has to send.

import { Refused } from '../api/client'
import { lang } from '../i18n/index.svelte'
import { session } from '../state/session.svelte'
import { Bench } from './bench.svelte'
import type { BoardMap } from './board-map'
import { Coming } from './coming.svelte'
import { draftAsked, takeGrid } from './first-grid'
import { Saving } from './saving.svelte'
import { type Draft, type GridAnswer, type OneDraft, readDraft, readGrid, readRules } from './seam'
import { type Unsent, UnsentEdits } from './unsent'

export type Phase = 'loading' | 'ready' | 'empty' | 'forbidden' | 'noDraft' | 'broken'

export class Workplace {
  phase = $state<Phase>('loading')
  draft = $state.raw<OneDraft | null>(null)
  direct = $state(false)
  /** The draft that the address asked for and nobody has, or not for this reader. */
  missing = $state<number | null>(null)
  /** Something is in force that this page was not opened on. */
  stale = $state(false)
  others = $state('')
  /** What earlier pages could not send: to be sent or thrown away before anything else is drawn. */
  left = $state.raw<readonly Unsent[]>([])
  /** The grid has been on the bench once: the map may be made. */
  isLaid = $state(false)
  theirs = $state.raw<GridAnswer | null>(null)
  board = $state.raw<BoardMap | null>(null)
  readonly bench: Bench
  readonly coming: Coming
  private kept: UnsentEdits | null = null

  constructor() {
    this.bench = new Bench({
      redraw: (keys) => this.board?.show(keys),
      redrawAll: () => this.drawAll(),
      picked: () => this.drawPicked(),
    })
    this.coming = new Coming({
      arrived: async (entries) => {
        const { workshop } = lang.t
        this.others = entries
          .map(({ by, title }) => workshop.others(by, workshop.titles[title] ?? title))
          .join(' · ')
        const { draft } = this
        if (!draft) return
        const answer = await readGrid(draft.id)
        if (this.draft?.id === draft.id) this.bench.adopt(answer)
      },
    })
  }

  /** What to call a cell by its key, also one that only they have. */
  nameOf(key: string): string {
    const cell = this.bench.coverage.cells.get(key) ?? this.theirs?.cells.find((one) => one.key === key)
    return (cell && this.bench.nameOf(cell)) || lang.t.workshop.newCell
  }

  drawAll(): void {
    this.board?.showAll(this.bench.coverage, (cell) => this.bench.nameOf(cell) || lang.t.workshop.newCell)
  }

  private drawPicked(): void {
    const { bench, board } = this
    board?.pick(bench.picked)
    const withHandles = !bench.isReadOnly && (bench.tool === 'reshape' || bench.tool === 'border')
    board?.handles(withHandles ? bench.picked : [], bench.focused)
    if (bench.stroke.length === 0) board?.stroke([], false)
  }

  /** What the address asks for. */
  async begin(): Promise<void> {
    const asked = draftAsked()
    this.missing = null
    this.direct = false
    if (asked === null) {
      this.draft = null
      return this.load(takeGrid(null))
    }
    try {
      this.draft = await readDraft(asked)
    } catch (reason) {
      this.draft = null
      this.missing = asked
      this.coming.stop()
      this.phase = reason instanceof Refused && reason.status < 500 ? 'noDraft' : 'broken'
      return
    }
    await this.load(takeGrid(asked))
  }

  async load(asked: Promise<GridAnswer> = readGrid(this.draft?.id ?? null)): Promise<void> {
    this.phase = 'loading'
    try {
      const answer = await asked
      const { draft, bench } = this
      const isReadOnly = draft ? draft.stage !== 'DRAFT' || !session.may('edit_grid') : !this.direct
      this.kept = new UnsentEdits(session.me?.username ?? '', draft?.id ?? null)
      bench.load(answer, new Saving(draft?.id ?? null, this.kept), isReadOnly)
      this.left = isReadOnly && draft === null ? [] : this.kept.left()
      this.coming.follow(draft?.id ?? null, answer.number ?? 0, bench.saving)
      this.phase = answer.cells.length > 0 ? 'ready' : 'empty'
      this.isLaid = true
      void readRules().then(
        (rules) => bench.follow(rules, answer),
        () => undefined, // the usual rules then
      )
    } catch (reason) {
      const status = reason instanceof Refused ? reason.status : 0
      this.phase = status === 403 ? 'forbidden' : status === 404 ? 'empty' : 'broken'
    }
  }

  async open(wanted: Draft | null, isDirect = false): Promise<void> {
    try {
      this.draft = wanted && (await readDraft(wanted.id))
    } catch {
      this.phase = 'broken'
      return
    }
    this.direct = isDirect
    this.missing = null
    this.stale = false
    this.others = ''
    history.replaceState(null, '', wanted ? `#draft=${wanted.id}` : location.pathname + location.search)
    await this.load()
  }

  /** The draft has taken a step: its stage, and perhaps its cells, are others now. */
  async changed(): Promise<void> {
    if (this.draft) await this.open(this.draft)
  }

  /** Somebody changed what is in force: QGIS, a direct correction, a publication. */
  async changedInForce(): Promise<void> {
    const { draft, bench } = this
    if (draft) {
      this.stale = true
      const now = await readDraft(draft.id).catch(() => draft)
      if (this.draft?.id === draft.id) this.draft = now // it may have been closed meanwhile
    } else if (bench.saving.unsaved === 0 && this.phase !== 'noDraft') {
      const { saving } = bench
      const answer = await readGrid(null)
      if (bench.saving === saving) bench.adopt(answer) // a draft may lie there by now
    }
  }

  // What earlier pages left ---------------------------------------------------------------------------------

  /** Sent with the versions that the author saw: what others changed since is a conflict, as always. */
  async sendLeft(): Promise<void> {
    const { saving } = this.bench
    const left = this.left
    this.left = []
    for (const unsent of left) await saving.resume(unsent)
    this.kept?.forget()
    if (saving.trouble) return
    const answer = await readGrid(this.draft?.id ?? null)
    this.bench.load(answer, this.renewed(saving), false)
    this.coming.follow(this.draft?.id ?? null, answer.number ?? 0, this.bench.saving)
  }

  private renewed = (saving: Saving): Saving => new Saving(saving.draft, this.kept)

  throwLeftAway(): void {
    this.kept?.forget()
    this.left = []
  }

  // A conflict ----------------------------------------------------------------------------------------------

  /** What they saved is fetched, both are drawn, and the author decides. */
  async layConflict(): Promise<void> {
    const { trouble } = this.bench.saving
    if (!trouble) return
    const answer = await readGrid(this.draft?.id ?? null)
    this.theirs = answer
    const keys = new Set(trouble.body.puts.map(({ key }) => key))
    this.board?.ghost([
      ...answer.cells
        .filter(({ key }) => keys.has(key))
        .map(({ rings }) => ({ rings, kind: 'theirs' as const })),
      ...trouble.body.puts.map(({ rings }) => ({ rings, kind: 'mine' as const })),
    ])
  }

  /** What is saved comes back; what I drew stays on the map as dashes until the next edit. */
  keepTheirs(): void {
    const { bench, theirs } = this
    const gone = bench.saving.letGo()
    if (theirs) {
      bench.load(theirs, this.renewed(bench.saving), false)
      this.coming.follow(this.draft?.id ?? null, theirs.number ?? 0, bench.saving)
    }
    this.board?.ghost(gone.flatMap(({ puts }) => puts.map(({ rings }) => ({ rings, kind: 'mine' as const }))))
  }

  putMine(): void {
    if (!this.theirs) return
    this.board?.ghost([])
    this.bench.saving.sendOver(
      Object.fromEntries(this.theirs.cells.map(({ key, version }) => [key, version])),
    )
  }
}
