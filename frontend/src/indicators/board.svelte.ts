// What is asked of the indicators, and what came back.
import { get, query } from '../api/client'
import type { components } from '../api/schema'
import { Loaded } from '../state/loaded.svelte'
import { isPeriod, type Period, type Preset, periodOf } from './periods'
import { type Definition, matching, ranked } from './rates'

type Schemas = components['schemas']
export type By = Schemas['FiguresOut']['by']
export type View = Schemas['FiguresOut']['view']
export type ListName = string

export const PLACES: By[] = ['DISTRICT', 'STREET', 'COMMUNITY', 'CELL']
const BELOW: Partial<Record<By, By>> = { DISTRICT: 'STREET', STREET: 'COMMUNITY', COMMUNITY: 'CELL' }
const MOST_LINES = 12

/** What a receipt was asked for. */
export interface ReceiptOf {
  indicator: string
  key: string
}

export class RateBoard {
  choices = new Loaded<Schemas['SchemesOut']>()
  figures = new Loaded<Schemas['FiguresOut']>()
  series = new Loaded<Schemas['RateSeriesOut']>()
  outlines = new Loaded<GeoJSON.FeatureCollection>()
  receipt = new Loaded<Schemas['FigureReceiptOut']>()
  cases = new Loaded<Schemas['ReceiptCases']>()

  period = $state<Period>({ start: '', end: '' })
  by = $state<By>('COMMUNITY')
  view = $state<View>('was')
  scheme = $state('geogrid')
  indicator = $state('on_time_closing_rate')
  /** Places gone into, the outermost first. */
  into = $state<{ code: string; name: string }[]>([])
  typed = $state('')
  hovered = $state('')
  busy = $state(false)
  asked = $state<ReceiptOf | null>(null)
  list = $state<ListName>('numerator')
  page = $state(1)
  private outlinesOf = ''

  readonly definitions = $derived<Definition[]>(this.figures.value?.indicators ?? [])
  readonly at = $derived(this.definitions.findIndex(({ key }) => key === this.indicator))
  readonly definition = $derived(this.definitions[this.at])
  readonly rows = $derived(
    ranked(this.figures.value?.rows ?? [], this.at, this.definition?.more_is_better ?? null),
  )
  readonly shown = $derived(matching(this.rows, this.typed))
  readonly byKey = $derived(new Map(this.rows.map((row) => [row.key, row])))

  /** Begin with what the address says. */
  async start(said: URLSearchParams): Promise<void> {
    await this.choices.ask((signal) => get('/api/evaluation/choices', { signal }))
    const choices = this.choices.value
    if (!choices) return
    const by = said.get('by') as By | null
    if (by && choices.by.includes(by)) this.by = by
    else if (!choices.by.includes(this.by) && choices.by[0]) this.by = choices.by[0] as By
    const asked = { start: said.get('start') ?? '', end: said.get('end') ?? '' }
    this.period = isPeriod(asked) ? asked : periodOf('month', choices.today)
    this.indicator = said.get('indicator') ?? this.indicator
    this.scheme = said.get('scheme') ?? this.scheme
    if (said.get('view') === 'is') this.view = 'is'
    await this.load()
  }

  /** What the address says of the choices made. */
  get address(): string {
    const { by, view, scheme, indicator, period } = this
    return query({ by, view, scheme, indicator, ...period }).slice(1)
  }

  private get question() {
    return {
      by: this.by,
      view: this.view,
      scheme: this.scheme,
      under: this.into.at(-1)?.code ?? '',
      ...this.period,
    }
  }

  get exportAddress(): string {
    return `/api/evaluation/export${query(this.question)}`
  }

  numbersAddress(list: string): string {
    const { indicator = '', key = '' } = this.asked ?? {}
    return `/api/evaluation/receipt/numbers${query({ ...this.question, indicator, key, list })}`
  }

  async load(): Promise<void> {
    if (!isPeriod(this.period)) return
    this.busy = true
    this.shut()
    await this.figures.ask((signal) => get(`/api/evaluation/figures${query(this.question)}`, { signal }))
    this.busy = false
    await Promise.all([this.loadSeries(), this.loadOutlines()])
  }

  /** Lines of the worst: that is where one looks. */
  async loadSeries(): Promise<void> {
    const { indicator } = this
    const with_value = this.rows.filter((row) => row.rates[this.at]?.value !== null)
    const keys = with_value.slice(-MOST_LINES).reverse()
    if (!keys.length) {
      this.series.value = null
      return
    }
    const said = { ...this.question, indicator, keys: keys.map(({ key }) => key).join() }
    await this.series.ask((signal) => get(`/api/evaluation/series${query(said)}`, { signal }))
  }

  private async loadOutlines(): Promise<void> {
    const level = PLACES.includes(this.by) ? this.by : ''
    if (!level || level === this.outlinesOf) return
    await this.outlines.ask((signal) => get(`/api/evaluation/outlines?level=${level}`, { signal }))
    if (!this.outlines.failure) this.outlinesOf = level
  }

  choosePreset(preset: Preset): void {
    const today = this.choices.value?.today
    if (!today) return
    this.period = periodOf(preset, today)
    void this.load()
  }

  chooseBy(by: By): void {
    this.by = by
    void this.load()
  }

  chooseIndicator(key: string): void {
    this.indicator = key
    this.shut()
    void this.loadSeries()
  }

  /** Go into a place: what lies in it, a level below. */
  goInto(code: string, name: string): void {
    const below = BELOW[this.by]
    if (!below || !code) return
    this.into = [...this.into, { code, name }]
    this.chooseBy(below)
  }

  /** Back out to a place gone into, or (-1) to everything. */
  goBack(to: number): void {
    const levels = this.into.length - (to + 1)
    this.into = this.into.slice(0, to + 1)
    const here = PLACES.indexOf(this.by)
    this.chooseBy(here < 0 ? this.by : (PLACES[Math.max(0, here - levels)] ?? this.by))
  }

  open(indicator: string, key: string): void {
    this.asked = { indicator, key }
    this.receipt.value = null
    this.list = 'numerator'
    this.page = 1
    const said = { ...this.question, indicator, key }
    void this.receipt
      .ask((signal) => get(`/api/evaluation/receipt${query(said)}`, { signal }))
      .then(() => this.turn('numerator', 1))
  }

  turn(list: ListName, page: number): void {
    const { asked } = this
    if (!asked) return
    this.list = list
    this.page = page
    this.cases.value = null
    const count = this.receipt.value?.lists.find(({ name }) => name === list)?.count ?? 0
    const said = { ...this.question, ...asked, list, page, count }
    void this.cases.ask((signal) => get(`/api/evaluation/receipt/cases${query(said)}`, { signal }))
  }

  shut(): void {
    this.asked = null
  }
}
