import { get, isAbort, post, query, Refused, Unreachable } from '../api/client'
import type { components } from '../api/schema'
import type { IncidentCard } from '../api/types'
import { lang, word } from '../i18n/index.svelte'
import { Loaded } from '../state/loaded.svelte'
import { Said } from '../state/said.svelte'
import { Team } from './team.svelte'

type Schemas = components['schemas']
export type Row = Schemas['DeskRowOut']
export type Loop = Schemas['LoopOut']
export type OfferedMove = Schemas['LoopMoveOut']
export type Clock = Schemas['ClockOut']
export type Choices = Schemas['DeskChoicesOut']
export type Queues = Schemas['QueuesOut']

export interface Case {
  card: IncidentCard
  loop: Loop
  choices: Choices
  letters: Schemas['LetterOut'][]
}

export interface Filters {
  q: string
  level: string
  channel: string
  class: string
  unit: string
  order: string
}

const NO_FILTER: Filters = { q: '', level: '', channel: '', class: '', unit: '', order: 'newest' }
/** Shown like a queue: messages and changes that are stuck. */
export const STUCK = 'stuck'
const GATHER_MS = 400
const RETRY_MS = 4000
const SEARCH_MS = 250
const PAGE = 50

/** The desk: queues with counts, the list of one of them, and the case that is open. */
export class CaseDesk {
  queues = $state.raw<Queues | null>(null)
  queue = $state('')
  filters = $state<Filters>({ ...NO_FILTER })
  /** The last step that was seen when the form was opened: what others do while it is filled in refuses the move. */
  private decidedOn: number | undefined
  /** What stands in the search box, narrowing the list or not yet. */
  typed = $state('')
  rows = $state.raw<Row[]>([])
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  /** The last asking failed; what is shown came before it. */
  stale = $state(false)
  next = $state('')
  /** The row that the keys stand on. */
  at = $state('')
  hovered = $state<string | null>(null)
  openNumber = $state('')
  readonly open = new Loaded<Case>()
  move = $state.raw<OfferedMove | null>(null)
  wrong = $state('')
  busy = $state(false)
  readonly said = new Said()
  readonly team = new Team()
  private listing: AbortController | null = null
  private typing: ReturnType<typeof setTimeout> | undefined
  private again: ReturnType<typeof setTimeout> | undefined

  readonly isFiltered = $derived(
    Object.entries(this.filters).some(([name, value]) => name !== 'order' && value !== ''),
  )
  /** Whether several can be dispatched at once. */
  readonly sendsMany = $derived(
    (this.queues?.queues ?? []).some(({ queue }) => queue === 'to_dispatch') && this.team.seesStuck,
  )

  async start(queue: string, number: string): Promise<void> {
    this.queue = queue
    this.team.start()
    await this.load()
    if (number) this.openCase(number)
  }

  stop(): void {
    this.team.stop()
    clearTimeout(this.again)
    this.listing?.abort()
    this.open.stop()
  }

  /** Counts and list anew, in the length that is shown. */
  async load(): Promise<void> {
    clearTimeout(this.again)
    this.listing?.abort()
    const listing = new AbortController()
    this.listing = listing
    const { signal } = listing
    try {
      this.queues = await get<Queues>('/api/desk/queues', { signal })
      this.queue ||= this.queues.first ?? ''
      if (this.queue === STUCK) await this.team.loadStuck()
      else if (this.queue) {
        const limit = Math.min(200, Math.max(PAGE, this.rows.length))
        const page = await get<Schemas['DeskPageOut']>(this.address({ limit }), { signal })
        this.show(page.results)
        this.next = page.next
      }
      this.phase = 'ready'
      this.stale = false
    } catch (reason) {
      if (isAbort(reason)) return
      this.stale = true
      if (this.phase === 'loading') this.phase = 'failed'
      this.again = setTimeout(() => void this.load(), RETRY_MS)
    }
  }

  async more(): Promise<void> {
    if (!this.next) return
    try {
      const page = await get<Schemas['DeskPageOut']>(this.address({ limit: PAGE, after: this.next }))
      const known = new Set(this.rows.map(({ number }) => number))
      this.rows = [...this.rows, ...page.results.filter(({ number }) => !known.has(number))]
      this.next = page.next
    } catch (reason) {
      this.wrong = sentence(reason)
    }
  }

  private address(how: { limit: number; after?: string }): string {
    return `/api/desk/incidents${query({ queue: this.queue, ...this.filters, ...how })}`
  }

  /** Where the keys stood, they stay; when that row is gone, on the one that came in its place. */
  private show(rows: Row[]): void {
    const place = this.rows.findIndex(({ number }) => number === this.at)
    this.rows = rows
    if (rows.some(({ number }) => number === this.at)) return
    this.at = rows[Math.min(Math.max(place, 0), rows.length - 1)]?.number ?? ''
  }

  /** Something has changed: asked for once for a burst of changes. */
  hear(number: string | null): void {
    this.again && clearTimeout(this.again)
    this.again = setTimeout(() => void this.load(), GATHER_MS)
    if (this.openNumber && (number === null || number === this.openNumber)) void this.loadCase()
  }

  /** Somebody's claim: shown on its row at once, without asking for the list again. */
  async hearClaim(number: string | null): Promise<void> {
    if (number === null) return this.hear(null)
    if (number !== this.openNumber && !this.rows.some((row) => row.number === number)) return
    const claim = await this.team.hear(number)
    if (!claim) return
    const told = { is_claimed: claim.is_claimed && !claim.is_mine, claimed_by: claim.by }
    this.rows = this.rows.map((row) => (row.number === number ? { ...row, ...told } : row))
  }

  /** Queue, order and filters as a list is asked for and kept. */
  asked(): Record<string, string> {
    return { queue: this.queue, ...this.filters }
  }

  /** A kept list. */
  showKept(said: Record<string, string>): void {
    clearTimeout(this.typing) // what was typed before does not narrow it
    const { queue = this.queue, ...filters } = said
    this.queue = queue
    this.filters = { ...NO_FILTER, ...filters }
    this.typed = this.filters.q
    this.reset()
  }

  choose(queue: string): void {
    if (queue === this.queue) return
    this.queue = queue
    this.reset()
  }

  /** Searches when the typing rests. */
  search(text: string): void {
    this.typed = text
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.filter({ q: text.trim() }), SEARCH_MS)
  }

  filter(change: Partial<Filters>): void {
    this.filters = { ...this.filters, ...change }
    this.reset()
  }

  private reset(): void {
    this.team.chosen.clear()
    this.rows = []
    this.at = ''
    this.next = ''
    this.phase = 'loading'
    void this.load()
  }

  turnQueue(by: number): void {
    const all: string[] = (this.queues?.queues ?? []).map(({ queue }) => queue)
    if (this.team.seesStuck) all.push(STUCK)
    const wanted = all[(all.indexOf(this.queue) + by + all.length) % all.length]
    if (wanted) this.choose(wanted)
  }

  step(by: number): void {
    const place = this.rows.findIndex(({ number }) => number === this.at)
    const wanted = this.rows[Math.min(Math.max(place + by, 0), this.rows.length - 1)]
    if (wanted) this.at = wanted.number
    if (place + by >= this.rows.length - 1) void this.more()
  }

  openCase(number: string): void {
    if (!number) return
    if (number !== this.openNumber) this.open.value = null
    this.openNumber = number
    if (this.rows.some((row) => row.number === number)) this.at = number
    this.move = null
    this.wrong = ''
    void this.team.open(number)
    void this.loadCase()
  }

  close(): void {
    void this.team.open('')
    this.openNumber = ''
    this.open.stop()
    this.open.value = null
    this.move = null
    this.wrong = ''
  }

  async loadCase(): Promise<void> {
    const path = pathOf(this.openNumber)
    await this.open.ask(async (signal) => {
      const [card, loop, choices, letters] = await Promise.all([
        get<IncidentCard>(path, { signal }),
        get<Loop>(`${path}/loop`, { signal }),
        get<Choices>(`/api/desk/incidents/${encodeURIComponent(this.openNumber)}/choices`, { signal }),
        get<Schemas['LetterOut'][]>(`${path}/letters`, { signal }),
      ])
      return { card, loop, choices, letters }
    })
  }

  /** The form of a move, or none: what only waits for photos can be opened, the form takes them. */
  take(move: OfferedMove | null): void {
    this.wrong = ''
    if (move && !canOpen(move)) {
      this.wrong = (lang.current === 'zh' ? move.reason?.zh : move.reason?.en) ?? ''
      return
    }
    this.move = move?.move === this.move?.move ? null : move
    this.decidedOn = this.open.value?.loop.last_step
    if (this.move) this.team.begin()
  }

  /** Photos first, then the move, once under its key; the case is shown as it is afterwards. */
  async make(said: Record<string, unknown>, photos: [string, File][], key: string): Promise<void> {
    const { move, decidedOn } = this
    if (!move || this.busy) return
    await this.send(async (path) => {
      for (const [role, file] of photos) {
        const form = new FormData()
        form.set('file', file)
        form.set('role', role)
        await post(`${path}/photos`, form)
      }
      const body = { move: move.move, seen_step: decidedOn, ...said }
      await post(`${path}/loop/moves`, body, { headers: { 'Idempotency-Key': key } })
      this.said.say(lang.t.incident.done(word(lang.t.moves, move.move)))
      if (this.move?.move === move.move) this.move = null // another form may have been opened meanwhile
    })
  }

  async decide(application: number, approve: boolean, note: string): Promise<void> {
    const words = lang.t.desk
    await this.send(async (path) => {
      await post(`${path}/loop/applications/${application}`, { approve, note })
      this.said.say(lang.t.incident.done(approve ? words.approve : words.refuse))
    })
  }

  /** Somebody else's earlier step is told in the server's words, and the case loaded anew. */
  private async send(what: (path: string) => Promise<void>): Promise<void> {
    const number = this.openNumber
    this.busy = true
    this.wrong = ''
    try {
      await what(pathOf(number))
    } catch (reason) {
      this.wrong = sentence(reason)
      if (reason instanceof Refused && reason.status === 409) {
        this.move = null
        this.wrong += ` ${lang.t.desk.loadedAnew}`
      }
    } finally {
      this.busy = false
    }
    if (this.openNumber === number) await this.loadCase()
    await this.load()
  }
}

const pathOf = (number: string) => `/api/incidents/${encodeURIComponent(number)}`

export const canOpen = (move: OfferedMove): boolean =>
  move.allowed || move.needs.some((need) => need.endsWith('photo'))

function sentence(reason: unknown): string {
  if (reason instanceof Refused) return reason.message || lang.t.errors.other(reason.code)
  if (reason instanceof Unreachable) return lang.t.errors.unreachable
  throw reason
}
