import { get, isAbort, query, Refused } from '../api/client'
import type { Change, IncidentRow, Page } from '../api/types'
import { isUnfinished } from '../map/stages'
import { rowOf } from './incident-row'

export interface BoardFilter {
  /** `open`, `all`, or one stage. */
  stage: string
  mine: boolean
  text: string
}

/** Past this many the map shows the rest from tiles. */
const MOST_OPEN_PAGES = 20
const FRESH_MS = 20_000
const AT_ONCE = 4
/** A burst larger than this is cheaper to ask for as a whole. */
const BURST = 30
const BURST_MS = 2000
const GATHER_MS = 150

const newestFirst = (a: IncidentRow, b: IncidentRow) =>
  b.reported_at.localeCompare(a.reported_at) || b.number.localeCompare(a.number)

function matches(row: IncidentRow, text: string): boolean {
  const words = text.toLowerCase().trim().split(/\s+/).filter(Boolean)
  const said = [
    row.number,
    row.description,
    row.location_text,
    row.class_zh,
    row.class_en,
    row.class_code,
    row.cell?.name,
    row.cell?.name_en,
    row.cell?.code,
    row.worker,
  ]
  const all = said.join(' ').toLowerCase()
  return words.every((word) => all.includes(word))
}

/** The incidents: all open ones, in step with the live feed, and a list of whatever else was asked for. */
export class IncidentBoard {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  filter = $state<BoardFilter>({ stage: 'open', mine: false, text: '' })
  hovered = $state<string | null>(null)
  /** The last change of an incident, for cards that show it. */
  lastChange = $state.raw<{ number: string; op: string } | null>(null)
  fresh = $state.raw<ReadonlySet<string>>(new Set())
  loadingMore = $state(false)
  /** Whether the board holds every open incident; else the map draws the rest from tiles. */
  complete = $state(false)
  private open = $state.raw<ReadonlyMap<string, IncidentRow>>(new Map())
  private asked = $state.raw<{ rows: IncidentRow[]; count: number; page: number } | null>(null)
  private asking: AbortController | null = null
  private readonly waiting = new Map<string, string>()
  private running = 0
  private fetchTimer: ReturnType<typeof setTimeout> | null = null
  private loadTimer: ReturnType<typeof setTimeout> | null = null

  readonly openRows = $derived([...this.open.values()].sort(newestFirst))
  /** The list answers from what is open when that is what was asked, else from the server. */
  private readonly answersLocally = $derived(this.filter.stage === 'open')
  readonly rows = $derived.by(() => {
    const { mine, text } = this.filter
    if (!this.answersLocally) return this.asked?.rows ?? []
    return this.openRows.filter((row) => (!mine || row.is_mine) && matches(row, text))
  })
  readonly count = $derived(this.answersLocally ? this.rows.length : (this.asked?.count ?? 0))
  readonly hasMore = $derived(!this.answersLocally && (this.asked?.rows.length ?? 0) < this.count)
  readonly mineCount = $derived(this.openRows.filter((row) => row.is_mine).length)

  async load(): Promise<void> {
    try {
      const rows = new Map<string, IncidentRow>()
      let count = 0
      for (let page = 1; page <= MOST_OPEN_PAGES; page++) {
        const answer = await get<Page<IncidentRow>>(`/api/incidents${query({ stage: 'open', page })}`)
        for (const row of answer.results) rows.set(row.number, row)
        count = answer.count
        if (rows.size >= count || answer.results.length === 0) break
      }
      this.open = rows
      this.complete = rows.size >= count
      this.phase = 'ready'
    } catch {
      if (this.open.size === 0) this.phase = 'failed'
    }
  }

  setFilter(change: Partial<BoardFilter>): void {
    this.filter = { ...this.filter, ...change }
    if (!this.answersLocally) void this.ask(1)
  }

  async more(): Promise<void> {
    if (this.hasMore && !this.loadingMore) await this.ask((this.asked?.page ?? 0) + 1)
  }

  /** A change of the live feed: what it says is shown at once, the rest is asked for. */
  apply(change: Change): void {
    const { ref, op } = change
    if (ref) {
      const row = rowOf(change, this.open.get(ref))
      const shown = this.open.has(ref) || this.asked?.rows.some(({ number }) => number === ref)
      if (row) this.put(row, op)
      // One that was over before anybody here heard of it (an import, a simulated past) needs no second look.
      if (row && !shown && !isUnfinished(row.stage)) return
    }
    if (!ref || this.waiting.size > BURST) {
      this.waiting.clear()
      this.loadSoon()
      return
    }
    this.waiting.set(ref, op)
    // What the event told is shown already; of several changes in a row only the last is asked about.
    this.fetchTimer ??= setTimeout(() => {
      this.fetchTimer = null
      void this.fetchWaiting()
    }, GATHER_MS)
  }

  private loadSoon(): void {
    this.loadTimer ??= setTimeout(() => {
      this.loadTimer = null
      void this.load()
    }, BURST_MS)
  }

  private async fetchWaiting(): Promise<void> {
    while (this.running < AT_ONCE) {
      const [next] = this.waiting
      if (!next) return
      const [number, op] = next
      this.waiting.delete(number)
      this.running += 1
      get<IncidentRow>(`/api/incidents/${encodeURIComponent(number)}`)
        .then((row) => this.put(row, op))
        .catch((reason: unknown) => {
          // Gone or out of sight; what merely did not arrive stays as it was told.
          if (reason instanceof Refused && (reason.status === 404 || reason.status === 403)) this.drop(number)
        })
        .finally(() => {
          this.running -= 1
          void this.fetchWaiting()
        })
    }
  }

  /** Also for the page itself: what it has just sent is on the map before the feed says so. */
  put(row: IncidentRow, op = 'update'): void {
    const known = this.open.has(row.number)
    const open = new Map(this.open)
    if (isUnfinished(row.stage)) open.set(row.number, row)
    else open.delete(row.number)
    this.open = open
    if (this.asked)
      this.asked = {
        ...this.asked,
        rows: this.asked.rows.map((one) => (one.number === row.number ? row : one)),
      }
    if (!known && isUnfinished(row.stage) && Date.now() - Date.parse(row.reported_at) < 120_000)
      this.markFresh(row.number)
    this.lastChange = { number: row.number, op }
  }

  private drop(number: string): void {
    if (!this.open.has(number)) return
    const open = new Map(this.open)
    open.delete(number)
    this.open = open
  }

  private markFresh(number: string): void {
    this.fresh = new Set([...this.fresh, number])
    setTimeout(() => {
      this.fresh = new Set([...this.fresh].filter((one) => one !== number))
    }, FRESH_MS)
  }

  private async ask(page: number): Promise<void> {
    this.asking?.abort()
    const asking = new AbortController()
    this.asking = asking
    this.loadingMore = true
    const { stage, mine, text } = this.filter
    const asked = { stage: stage === 'all' ? '' : stage, mine: mine ? '1' : '', q: text, page }
    try {
      const answer = await get<Page<IncidentRow>>(`/api/incidents${query(asked)}`, { signal: asking.signal })
      const before = page === 1 ? [] : (this.asked?.rows ?? [])
      this.asked = { rows: [...before, ...answer.results], count: answer.count, page }
      this.phase = 'ready'
    } catch (reason) {
      if (isAbort(reason)) return
      if (page === 1) this.phase = 'failed'
    }
    if (this.asking === asking) this.loadingMore = false
  }
}
