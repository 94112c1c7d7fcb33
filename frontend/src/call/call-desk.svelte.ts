import { get, isAbort, post, query, Refused, Unreachable } from '../api/client'
import type { components } from '../api/schema'
import type { LngLat, Receipt } from '../api/types'
import { lang } from '../i18n/index.svelte'
import type { ClassKind } from '../report/class-search'
import { Loaded } from '../state/loaded.svelte'

type Schemas = components['schemas']
export type Likes = Schemas['LikesOut']
export type Like = Schemas['LikeOut']
export type Condition = Schemas['FilingConditionOut']

// A caller's number is personal: it is kept for this tab only, over reloads, and gone with the tab.
const STORED_AS = 'geogrid.call'
const LOOK_MS = 250

interface Kept {
  /** Made once for a call: sending it again is the same report. */
  key: string
  begun: number
  phone: string
  name: string
  chosen: { kind: ClassKind; code: string } | null
  at: LngLat | null
  asset: string
  place: string
  text: string
  condition: number | null
}

export type Done = {
  number: string
  kind: 'recorded' | 'filed' | 'followed'
  wrong: string
  seconds: number
}

const blank = (): Kept => ({
  key: crypto.randomUUID(),
  begun: Date.now(),
  phone: '',
  name: '',
  chosen: null,
  at: null,
  asset: '',
  place: '',
  text: '',
  condition: null,
})

function restored(): Kept | null {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORED_AS) ?? 'null')
    if (stored && typeof stored === 'object' && 'key' in stored) return { ...blank(), ...(stored as Kept) }
  } catch {
    // What cannot be read is no draft.
  }
  return null
}

/** One call after the other: what the caller says, what is known of it already, and what came of it. */
export class CallDesk {
  said = $state<Kept>(restored() ?? blank())
  readonly likes = new Loaded<Likes>()
  readonly conditions = new Loaded<Condition[]>()
  /** The candidate that "same problem" means. */
  marked = $state(0)
  phase = $state<'writing' | 'sending' | 'done'>('writing')
  wrong = $state('')
  missing = $state<'' | 'what' | 'where'>('')
  done = $state.raw<Done | null>(null)
  readonly wasRestored: boolean
  private looking: ReturnType<typeof setTimeout> | undefined

  readonly isEmpty = $derived(
    !(
      this.said.phone ||
      this.said.name ||
      this.said.chosen ||
      this.said.at ||
      this.said.place ||
      this.said.text
    ),
  )
  readonly open = $derived((this.likes.value?.results ?? []).filter(({ is_open }) => is_open))
  readonly closed = $derived((this.likes.value?.results ?? []).filter(({ is_open }) => !is_open))

  constructor() {
    this.wasRestored = !this.isEmpty
  }

  /** Call from an effect: it reads everything that is kept. */
  keep(): void {
    const text = JSON.stringify(this.said)
    try {
      if (this.phase === 'done' || this.isEmpty) sessionStorage.removeItem(STORED_AS)
      else sessionStorage.setItem(STORED_AS, text)
    } catch {
      // No storage: the draft lives as long as the page.
    }
  }

  stop(): void {
    clearTimeout(this.looking)
    this.likes.stop()
    this.conditions.stop()
  }

  /** Call from an effect: what is like this call, asked a moment after the last key. */
  lookAround(): void {
    const { at, chosen, asset } = this.said
    clearTimeout(this.looking)
    if (!at || (!chosen && !asset)) {
      this.likes.stop()
      this.likes.value = null
      this.likes.failure = null
      return
    }
    const named = {
      lng: at[0],
      lat: at[1],
      asset,
      asset_class: chosen?.kind === 'asset' ? chosen.code : '',
      event_class: chosen?.kind === 'event' ? chosen.code : '',
    }
    this.looking = setTimeout(() => {
      this.marked = 0
      void this.likes.ask((signal) => get<Likes>(`/api/duplicates${query(named)}`, { signal }))
    }, LOOK_MS)
  }

  /** Call from an effect: the conditions under which the class is filed. */
  async lookUpConditions(): Promise<void> {
    const { chosen } = this.said
    if (!chosen) {
      this.conditions.stop()
      this.conditions.value = null
      return
    }
    await this.conditions.ask(async (signal) => {
      const path = `/api/duty-list${query({ kind: chosen.kind, code: chosen.code })}`
      const list = await get<Schemas['DutyListOut']>(path, { signal })
      return list.results.find(({ code }) => code === chosen.code)?.conditions ?? []
    })
    const known = this.conditions.value ?? []
    if (!known.some(({ id }) => id === this.said.condition)) this.said.condition = known[0]?.id ?? null
  }

  next(): void {
    this.stop()
    this.said = blank()
    this.likes.value = null
    this.conditions.value = null
    this.phase = 'writing'
    this.wrong = ''
    this.missing = ''
    this.done = null
  }

  private contact(): { contact?: { name: string; phone: string; email: string } } {
    const { name, phone } = this.said
    return name || phone ? { contact: { name, phone, email: '' } } : {}
  }

  async record(andFile: boolean): Promise<void> {
    const { at, chosen, asset, place, text, key, condition } = this.said
    if (this.phase !== 'writing') return
    this.missing =
      !chosen && !asset && !text.trim() ? 'what' : !at && !place.trim() && !text.trim() ? 'where' : ''
    if (this.missing) return
    const body = {
      ...(at ? { lng: at[0], lat: at[1] } : {}),
      description: text.trim(),
      channel: 'phone',
      location_text: place.trim(),
      ...(chosen?.kind === 'asset' ? { asset_class: chosen.code } : {}),
      ...(chosen?.kind === 'event' ? { event_class: chosen.code } : {}),
      ...(asset ? { asset } : {}),
      ...this.contact(),
    }
    await this.send(async () => {
      const headers = { 'Idempotency-Key': key }
      const { number } = await post<Receipt>('/api/incidents', body, { headers })
      if (!andFile) return { number, kind: 'recorded', wrong: '' }
      try {
        const filing = { move: 'file', note: '', ...(condition === null ? {} : { condition }) }
        await post(`/api/incidents/${encodeURIComponent(number)}/loop/moves`, filing, { headers })
        return { number, kind: 'filed', wrong: '' }
      } catch (reason) {
        // Recorded it is: the number is read out, and filing goes on at the desk.
        if (!(reason instanceof Refused || reason instanceof Unreachable)) throw reason
        const why = reason instanceof Refused ? reason.message : lang.t.errors.unreachable
        return { number, kind: 'recorded', wrong: lang.t.call.notFiled(why) }
      }
    })
  }

  async same(like: Like | undefined = this.open[this.marked]): Promise<void> {
    if (!like || this.phase !== 'writing') return
    const { at, text, place, key } = this.said
    const { number } = like.incident
    const words = [text.trim(), place.trim()].filter(Boolean).join('\n')
    const body = { words, channel: 'phone', ...(at ? { lng: at[0], lat: at[1] } : {}), ...this.contact() }
    await this.send(async () => {
      const headers = { 'Idempotency-Key': `${key}-same` }
      await post(`/api/incidents/${encodeURIComponent(number)}/followers`, body, { headers })
      return { number, kind: 'followed', wrong: '' }
    })
  }

  private async send(what: () => Promise<Omit<Done, 'seconds'>>): Promise<void> {
    this.phase = 'sending'
    this.wrong = ''
    try {
      const done = await what()
      this.done = { ...done, seconds: Math.round((Date.now() - this.said.begun) / 1000) }
      this.phase = 'done'
    } catch (reason) {
      this.phase = 'writing'
      if (isAbort(reason)) return
      if (reason instanceof Refused && reason.status < 500) {
        // A clear no: a corrected call is a new one.
        this.said.key = crypto.randomUUID()
        const fields = Object.values(reason.fields).join(' ')
        this.wrong = lang.t.call.refused([reason.message, fields].filter(Boolean).join(' '))
      } else if (reason instanceof Unreachable || reason instanceof Refused) this.wrong = lang.t.call.unsure
      else throw reason
    }
  }
}

/** In groups, as one reads it out: day, then the number of the day. */
export const spoken = (number: string): string =>
  number.replace(/^(\d{4})(\d{4})-(\d{3})(\d{3})$/, '$1 $2 – $3 $4')
