import { SvelteSet } from 'svelte/reactivity'
import { get, isAbort, post, Refused, remove } from '../api/client'
import type { components } from '../api/schema'

type Schemas = components['schemas']
export type Claim = Schemas['ClaimOut']
export type DeskFilters = Schemas['DeskFiltersOut']
export type SavedFilter = Schemas['SavedFilterOut']
export type BulkRefusal = Schemas['BulkRefusalOut']
export type StuckMessage = Schemas['MessageOut']
export type RefusedChange = Schemas['RefusalOut']

const RENEW_MS = 30_000
/** Who has not touched the page for so long is not at work on the case any more. */
const AWAY_MS = 5 * 60_000

const claimPath = (number: string) => `/api/desk/incidents/${encodeURIComponent(number)}/claim`

/** Working beside others: who has the open case, which rows are chosen, lists to choose and to keep, what is stuck. */
export class Team {
  claim = $state.raw<Claim | null>(null)
  readonly chosen = new SvelteSet<string>()
  filters = $state.raw<DeskFilters | null>(null)
  stuck = $state.raw<StuckMessage[] | null>(null)
  stuckCount = $state(0)
  refused = $state.raw<RefusedChange[]>([])
  /** Only dispatchers are told what is stuck. */
  seesStuck = $state(false)
  bulkRefused = $state.raw<BulkRefusal[]>([])
  private number = ''
  private touchedAt = Date.now()
  private timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    this.timer = setInterval(() => {
      if (this.claim?.is_mine && Date.now() - this.touchedAt < AWAY_MS) void this.say('POST')
    }, RENEW_MS)
    void this.loadFilters()
    void this.loadStuck()
  }

  stop(): void {
    clearInterval(this.timer)
    void this.letGo()
  }

  touch(): void {
    this.touchedAt = Date.now()
  }

  /** A case was opened: it is claimed, if its decisions are this person's. */
  async open(number: string): Promise<void> {
    if (number === this.number) return
    void this.letGo()
    this.number = number
    this.claim = null
    if (number) await this.say('POST')
  }

  /** Work on the open case begins: claimed again, if it was let go after a move. */
  begin(): void {
    if (this.number && !this.claim?.is_mine) void this.say('POST')
  }

  async takeOver(word: string): Promise<void> {
    await this.say('POST', { take_over: true, word })
  }

  /** Somebody's claim began, went over or ended. */
  async hear(number: string): Promise<Claim | null> {
    const told = await get<Claim>(claimPath(number)).catch(() => null)
    if (told && number === this.number) this.claim = told
    return told
  }

  private async say(method: 'POST', body: Record<string, unknown> = {}): Promise<void> {
    const { number } = this
    try {
      const told = await post<Claim>(claimPath(number), body)
      if (number === this.number) this.claim = told
    } catch (reason) {
      if (isAbort(reason) || method !== 'POST') return
      if (number === this.number) this.claim = null
    }
  }

  private async letGo(): Promise<void> {
    const { number, claim } = this
    this.number = ''
    this.claim = null
    if (number && claim?.is_mine) await remove(claimPath(number)).catch(() => undefined)
  }

  toggle(number: string): void {
    if (!this.chosen.delete(number)) this.chosen.add(number)
  }

  choose(numbers: Iterable<string>): void {
    for (const number of numbers) this.chosen.add(number)
  }

  /** Sends all chosen; those that were sent are not chosen any more. */
  async dispatch(units: { unit: string; role: string }[], note: string): Promise<number> {
    const numbers = [...this.chosen]
    const answer = await post<Schemas['BulkDispatchOut']>('/api/desk/dispatch', { numbers, units, note })
    for (const number of answer.sent) this.chosen.delete(number)
    this.bulkRefused = answer.refused
    return answer.sent.length
  }

  async loadFilters(): Promise<void> {
    this.filters = await get<DeskFilters>('/api/desk/filters').catch(() => this.filters)
  }

  async keep(name: string, said: Record<string, string>): Promise<void> {
    await post('/api/desk/filters', { name, said })
    await this.loadFilters()
  }

  async forget(id: number): Promise<void> {
    await remove(`/api/desk/filters/${id}`).catch(() => undefined)
    await this.loadFilters()
  }

  /** The list as a file, made by a job; it is found under Downloads. */
  async export(format: string, list: Record<string, string>): Promise<void> {
    await post('/api/downloads', { layer: 'desk', format, list })
  }

  async loadStuck(): Promise<void> {
    try {
      const [page, refused] = await Promise.all([
        get<Schemas['PageOfMessages']>('/api/messages/stuck'),
        get<RefusedChange[]>('/api/messages/refused'),
      ])
      this.stuck = page.results
      this.refused = refused
      this.stuckCount = page.count + refused.length
      this.seesStuck = true
    } catch (reason) {
      if (reason instanceof Refused && reason.status === 403) this.seesStuck = false
    }
  }
}
