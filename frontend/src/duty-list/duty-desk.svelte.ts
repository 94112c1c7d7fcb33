// What the page of the duty list knows: one page of classes, editions, units, an import that is looked at.
import { get, isAbort, post, put, query, Refused, remove } from '../api/client'
import type { components } from '../api/schema'
import { lang } from '../i18n/index.svelte'
import { Said } from '../state/said.svelte'

type Schemas = components['schemas']
export type DutyClass = Schemas['DutyClassOut']
export type Condition = Schemas['FilingConditionOut']
export type ConditionDraft = Schemas['ConditionInRequest']
export type Version = Schemas['ConditionVersionOut']
export type Edition = Schemas['DutyListEditionOut']
export type Listed = Schemas['DutyListOut']
export type Preview = Schemas['ImportOut']
export type Unit = Schemas['HandlingUnitOut']
export const TABS = ['list', 'import', 'calendar', 'editions'] as const
export type Tab = (typeof TABS)[number]

const WAIT_MS = 250

export class DutyDesk {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  tab = $state<Tab>('list')
  listed = $state.raw<Listed | null>(null)
  units = $state.raw<Unit[]>([])
  editions = $state.raw<Edition[] | null>(null)
  q = $state('')
  kind = $state('')
  page = $state(1)
  wrong = $state('')
  fields = $state.raw<Record<string, string>>({})
  busy = $state(false)
  readonly said = new Said()
  private listing: AbortController | null = null
  private waiting: ReturnType<typeof setTimeout> | undefined

  async start(): Promise<void> {
    try {
      this.units = await get<Unit[]>('/api/responsibility/units')
      await this.list()
      this.phase = 'ready'
    } catch {
      this.phase = 'failed'
    }
  }

  /** Lists anew after a pause in typing, from the first page. */
  search(): void {
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => {
      this.page = 1
      void this.list().catch(() => {
        this.wrong = lang.t.errors.unreachable
      })
    }, WAIT_MS)
  }

  async list(): Promise<void> {
    this.listing?.abort()
    const listing = new AbortController()
    this.listing = listing
    const asked = { q: this.q.trim(), kind: this.kind, page: this.page }
    try {
      this.listed = await get<Listed>(`/api/duty-list${query(asked)}`, { signal: listing.signal })
      this.wrong = ''
    } catch (reason) {
      if (!isAbort(reason)) throw reason
    }
  }

  async turn(page: number): Promise<void> {
    this.page = page
    await this.doing(() => this.list())
  }

  async doing(work: () => Promise<void>): Promise<boolean> {
    this.busy = true
    this.wrong = ''
    this.fields = {}
    try {
      await work()
      return true
    } catch (reason) {
      if (isAbort(reason)) return false
      this.fields = reason instanceof Refused ? reason.fields : {}
      this.wrong =
        reason instanceof Refused ? reason.message || lang.t.dutyList.failed : lang.t.errors.unreachable
      return false
    } finally {
      this.busy = false
    }
  }

  save(draft: ConditionDraft, of: Condition | null, one: DutyClass): Promise<boolean> {
    return this.doing(async () => {
      const { kind, scheme, version, code } = one
      if (of) await put(`/api/duty-list/conditions/${of.id}`, draft)
      else await post('/api/duty-list/conditions', { ...draft, kind, scheme, version, code })
      this.editions = null
      await this.list()
      this.said.say(lang.t.dutyList.saved)
    })
  }

  end(condition: Condition): Promise<boolean> {
    return this.doing(async () => {
      await remove(`/api/duty-list/conditions/${condition.id}`)
      this.editions = null
      await this.list()
      this.said.say(lang.t.dutyList.ended)
    })
  }

  loadEditions(): Promise<boolean> {
    return this.doing(async () => {
      this.editions = await get<Edition[]>('/api/duty-list/editions')
    })
  }
}
