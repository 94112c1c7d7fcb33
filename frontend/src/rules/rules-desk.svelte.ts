// What the page of rules knows: the table, units, classes, communities, and what is being done with them.
import { get, post, put, query, Refused, remove } from '../api/client'
import type { components } from '../api/schema'
import type { ClassName, LngLat } from '../api/types'
import { lang, named } from '../i18n/index.svelte'
import { Said } from '../state/said.svelte'

type Schemas = components['schemas']
export type Rule = Schemas['RuleOut']
export type RuleDraft = Schemas['RuleInRequest']
export type Unit = Schemas['HandlingUnitOut']
export type Simulated = Schemas['SimulatedOut']
export type Gaps = Schemas['GapsOut']
export type Area = Schemas['AreaOut']
export type AreaDraft = Schemas['AreaInRequest']
export type Edition = Schemas['TableEditionOut']
export type Kind = 'asset' | 'event'
export type KnownClass = ClassName & { kind: Kind }
export interface Place {
  code: string
  name: string
  name_en: string
  level: string
}
export type Communities = GeoJSON.FeatureCollection<GeoJSON.Geometry | null, Omit<Place, 'level'>>
export const TABS = ['table', 'simulate', 'lint', 'areas', 'history'] as const
export type Tab = (typeof TABS)[number]

const LEVELS = ['district', 'street', 'community'] as const

export class RulesDesk {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  tab = $state<Tab>('table')
  rules = $state.raw<Rule[]>([])
  units = $state.raw<Unit[]>([])
  classes = $state.raw<KnownClass[]>([])
  places = $state.raw<Place[]>([])
  communities = $state.raw<Communities>({ type: 'FeatureCollection', features: [] })
  areas = $state.raw<Area[]>([])
  gaps = $state.raw<Gaps | null>(null)
  editions = $state.raw<Edition[] | null>(null)
  simulated = $state.raw<Simulated | null>(null)
  /** Where the simulator asks. */
  at = $state.raw<LngLat | null>(null)
  /** Corners of the area that is being drawn; null: none is. */
  corners = $state.raw<LngLat[] | null>(null)
  /** The community or area that the map is to show. */
  shown = $state.raw<GeoJSON.Geometry | null>(null)
  wrong = $state('')
  fields = $state.raw<Record<string, string>>({})
  busy = $state(false)
  readonly said = new Said()

  readonly unitsById = $derived(new Map(this.units.map((unit) => [unit.id, unit])))
  readonly placesByCode = $derived(new Map(this.places.map((place) => [place.code, place])))

  async start(): Promise<void> {
    try {
      const [rules, units, assets, events, areas] = await Promise.all([
        get<Rule[]>('/api/responsibility/rules'),
        get<Unit[]>('/api/responsibility/units'),
        get<ClassName[]>('/api/catalogue/assets'),
        get<ClassName[]>('/api/catalogue/events'),
        get<Area[]>('/api/managed-areas'),
      ])
      this.rules = rules
      this.units = units
      this.areas = areas
      this.classes = [
        ...events.map((one) => ({ ...one, kind: 'event' as const })),
        ...assets.map((one) => ({ ...one, kind: 'asset' as const })),
      ]
      this.phase = 'ready'
    } catch {
      this.phase = 'failed'
      return
    }
    await this.loadPlaces().catch(() => undefined) // without names one still has codes
  }

  private async loadPlaces(): Promise<void> {
    const found = await Promise.all(
      LEVELS.map((level) =>
        get<Communities>(`/ogc/collections/${level}/items?f=json&limit=1000`, {
          headers: { Accept: 'application/geo+json' },
        }),
      ),
    )
    this.places = found.flatMap(({ features }, nr) =>
      features.map(({ properties: { code, name, name_en } }) => ({
        code,
        name,
        name_en,
        level: (LEVELS[nr] ?? '').toUpperCase(),
      })),
    )
    this.communities = found[2] ?? this.communities
  }

  /** Does something that the server may refuse; whether it was done. */
  async doing(work: () => Promise<void>): Promise<boolean> {
    this.busy = true
    this.wrong = ''
    this.fields = {}
    try {
      await work()
      return true
    } catch (reason) {
      this.fields = reason instanceof Refused ? reason.fields : {}
      this.wrong =
        reason instanceof Refused ? reason.message || lang.t.rules.failed : lang.t.errors.unreachable
      return false
    } finally {
      this.busy = false
    }
  }

  async reload(): Promise<void> {
    this.rules = await get<Rule[]>('/api/responsibility/rules')
    this.gaps = null
    this.editions = null
  }

  save(draft: RuleDraft, of: Rule | null): Promise<boolean> {
    return this.doing(async () => {
      if (of) await put(`/api/responsibility/rules/${of.id}`, draft)
      else await post('/api/responsibility/rules', draft)
      await this.reload()
      this.said.say(lang.t.rules.saved)
    })
  }

  end(rule: Rule): Promise<boolean> {
    return this.doing(async () => {
      await remove(`/api/responsibility/rules/${rule.id}`)
      await this.reload()
      this.said.say(lang.t.rules.ended)
    })
  }

  /** Has a rule asked just before another, or last of all. */
  move(rule: Rule, before: Rule | null): Promise<boolean> {
    return this.doing(async () => {
      const { changed, rules } = await post<Schemas['OrderOut']>('/api/responsibility/order', {
        rule: rule.id,
        before: before?.id ?? null,
      })
      this.rules = rules
      this.gaps = null
      this.editions = null
      this.said.say(lang.t.rules.moved(changed.length))
    })
  }

  simulate(asked: Record<string, string | number | null>): Promise<boolean> {
    return this.doing(async () => {
      this.simulated = await get<Simulated>(`/api/responsibility/simulate${query(asked)}`)
    })
  }

  check(): Promise<boolean> {
    return this.doing(async () => {
      this.gaps = await get<Gaps>('/api/responsibility/gaps')
    })
  }

  loadEditions(): Promise<boolean> {
    return this.doing(async () => {
      this.editions = await get<Edition[]>('/api/responsibility/editions')
    })
  }

  keepArea(draft: AreaDraft): Promise<boolean> {
    return this.doing(async () => {
      await post('/api/managed-areas', draft)
      this.areas = await get<Area[]>('/api/managed-areas')
      this.corners = null
    })
  }

  endArea(area: Area): Promise<boolean> {
    return this.doing(async () => {
      await remove(`/api/managed-areas/${area.id}`)
      this.areas = await get<Area[]>('/api/managed-areas')
      this.said.say(lang.t.rules.ended)
    })
  }

  /** A click or Enter on the map: a corner while an area is drawn, else where the simulator asks. */
  pointed(at: LngLat): void {
    if (this.corners) this.corners = [...this.corners, at]
    else if (this.tab === 'simulate') this.at = at
  }

  dropCorner(): void {
    if (this.corners) this.corners = this.corners.slice(0, -1)
  }

  unitName(id: number): string {
    const unit = this.unitsById.get(id)
    return unit ? named(unit.name, unit.name_en) : String(id)
  }

  className(kind: string, code: string): string {
    const found = this.classes.find((one) => one.code === code && (!kind || one.kind === kind))
    if (found) return named(found.name_zh, found.name_en)
    const major = this.classes.find((one) => one.code.startsWith(code) && (!kind || one.kind === kind))
    return code && major ? `${named(major.major_zh, major.major_en)}…` : ''
  }

  placeName(code: string): string {
    const place = this.placesByCode.get(code)
    return place ? named(place.name, place.name_en) : ''
  }

  /** The rules that hold every word: in their name, class, units or place, in either language. */
  matching(words: string): Rule[] {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
    return wanted.length === 0
      ? this.rules
      : this.rules.filter((rule) => {
          const text = this.textOf(rule)
          return wanted.every((word) => text.includes(word))
        })
  }

  private textOf(rule: Rule): string {
    const known = this.classes.filter(
      (one) => rule.code && one.code.startsWith(rule.code) && (!rule.kind || one.kind === rule.kind),
    )
    const place = this.placesByCode.get(rule.place_code)
    const units = [
      rule.lead,
      ...rule.co_handlers,
      ...rule.next_unit_ids.flatMap((id) => this.unitsById.get(id) ?? []),
    ]
    return [
      rule.name,
      rule.code,
      rule.place_code,
      place?.name,
      place?.name_en,
      ...units.flatMap(({ name, name_en }) => [name, name_en]),
      ...known.flatMap(({ name_zh, name_en, major_zh, major_en }) => [name_zh, name_en, major_zh, major_en]),
    ]
      .join(' ')
      .toLowerCase()
  }
}
