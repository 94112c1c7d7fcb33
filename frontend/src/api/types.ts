// What the server says, as far as the pages need it. To be replaced by the generated schema.ts:
// every page imports its types from here and from nowhere else.

export type Language = 'zh' | 'en'
export type LngLat = [number, number]
export type Box = [number, number, number, number]

export interface DemoLogin {
  username: string
  display_name: string
  role: string
}

export interface Welcome {
  name: string
  name_en: string
  is_demo: boolean
  demo_logins: DemoLogin[]
  needs_setup: boolean
}

export interface Membership {
  role: string
  unit_prefix: string
  organisation: string | null
}

export interface Me {
  id: number
  username: string
  display_name: string
  language: Language | ''
  memberships: Membership[]
  actions: string[]
  demo: boolean
}

export interface FeedToken {
  token: string
  expires_at: string
}

export interface City {
  name: string
  name_en: string
  bbox: Box | null
  center: LngLat | null
  zone: string
  county_code: string
  code_segments: number[]
  is_demo: boolean
  attribution: string
}

export interface LegendEntry {
  value: string
  label_zh: string
  label_en: string
  color?: string | null
  icon?: string | null
  shape?: string | null
  count?: number | null
}

export interface Layer {
  id: string
  kind: string
  title_zh: string
  title_en: string
  group: string
  count: number | null
  minzoom: number
  geometry: string
  legend: LegendEntry[]
}

export type Found = {
  kind: 'asset' | 'cell' | 'unit' | 'street' | 'incident' | 'building'
  ref: string
  title: string
  subtitle: string
  /** Null for an incident whose place is not known. */
  lng: number | null
  lat: number | null
  bbox?: Box | null
}

export interface OrganisationName {
  code?: string
  name: string
  name_en?: string
  phone?: string
  is_simulated?: boolean
}

export interface UnitName {
  code: string
  level: string
  name: string
  name_en: string
}

export interface Worker {
  name: string
  role: string
  phone?: string | null
  level: string
  is_substitute: boolean
  until?: string | null
}

export interface Sentence {
  zh: string
  en: string
}

export interface CellCard {
  code: string
  name: string
  name_en?: string
  kind: 'GENERAL' | 'EXCLUSIVE' | string
  community: UnitName | null
  street: UnitName | null
  district?: UnitName | null
  owner: OrganisationName | null
  maintainer: OrganisationName | null
  households: number | null
  is_derived: boolean
  area_m2: number | null
  lng?: number | null
  lat?: number | null
  bbox?: Box | null
  on_duty: Worker[]
  assets: ClassCount[]
  use?: string
  source?: string
  geometry?: GeoJSON.Geometry | null
}

export interface UnitCard {
  code: string
  level: string
  name: string
  name_en: string
  parents: UnitName[]
  on_duty: Worker[]
  assets: ClassCount[]
  organisation?: OrganisationName | null
  cells: number
  households: number | null
  area_m2: number | null
  lng?: number | null
  lat?: number | null
  bbox?: Box | null
  geometry?: GeoJSON.Geometry | null
}

export interface Answers {
  cell: { code: string; name: string } | null
  units: UnitName[]
  worker: Worker | null
  why: Sentence[]
  border_cells: { code: string; name: string }[]
}

export interface ClassName {
  code: string
  major_zh: string
  major_en: string
  name_zh: string
  name_en: string
  icon?: string | null
  geometry_kind?: string
  origin?: string
}

export interface ClassCount {
  code: string
  name_zh: string
  name_en: string
  icon: string
  count: number
}

export interface PhotoRef {
  public_id: string
  role: string
  url: string
  small_url?: string
  taken_at?: string | null
  width?: number
  height?: number
}

export interface AssetCard {
  code: string
  name: string
  class: ClassName
  state: string
  competent_authority: OrganisationName | null
  owner: OrganisationName | null
  maintainer: OrganisationName | null
  cell: { code: string; name: string } | null
  placement: string
  first_date: string | null
  change_date: string | null
  source: string
  source_id: string
  location_text: string
  note: string
  shape: string
  material: string
  attributes: Record<string, unknown>
  simulated_fields: string[]
  photos: PhotoRef[]
  lng: number
  lat: number
  geometry: GeoJSON.Geometry
}

export interface HistoryEntry {
  at: string
  actor: string
  op: string
  changes: { field: string; before: unknown; after: unknown }[]
}

export interface BuildingCard {
  id: number
  code: string
  name: string
  address: string
  kind: string
  levels: number | null
  height_m: number | null
  dwellings: number | null
  households: number | null
  households_derived: boolean
  cell: { code: string; name: string } | null
  attributes: Record<string, unknown>
  source: string
  lng: number
  lat: number
  geometry?: GeoJSON.Geometry | null
}

export interface IncidentRow {
  number: string
  public_id: string
  stage: string
  waiting: string
  level: string
  lng: number | null
  lat: number | null
  location_text: string
  description: string
  class_zh: string
  class_en: string
  class_code: string
  class_icon?: string | null
  cell: { code: string; name: string } | null
  worker: string
  is_mine: boolean
  reported_at: string
  deadline_at: string | null
  is_simulated: boolean
}

export interface Step {
  move: string
  from_stage: string
  to_stage: string
  level: string
  actor: string
  taken_at: string
  note: string
  text?: Sentence | null
}

export interface IncidentCard extends IncidentRow {
  channel: string
  source_number: string
  found_by_patrol: boolean
  asset: { code: string; name: string; class_zh: string; class_en: string } | null
  units: UnitName[]
  border_cells: { code: string; name: string }[]
  worker_card: Worker | null
  holder: string
  responsible_unit: OrganisationName | null
  reported_by: string
  filed_at: string | null
  handled_at: string | null
  closed_at: string | null
  round: number
  steps: Step[]
  photos: PhotoRef[]
  has_contact: boolean
}

export interface Move {
  move: string
  label_zh?: string
  label_en?: string
  allowed: boolean
  reason?: Sentence | null
  needs: string[]
}

export interface Contact {
  name: string
  phone: string
  email: string
}

export interface NewIncident {
  lng: number
  lat: number
  asset_class?: string
  event_class?: string
  asset?: string
  description: string
  channel: string
  location_text: string
  found_by_patrol?: boolean
  contact?: Contact
}

export interface Receipt {
  number: string
  public_id: string
  stage: string
  cell: { code: string; name: string } | null
  worker: Worker | null
  flags: string[]
}

export interface Page<Row> {
  count: number
  next: number | null
  results: Row[]
}

export interface SetupState {
  needs_setup: boolean
  /** Whether this machine is not the server's own, so that the key it printed is asked for. */
  key_needed: boolean
  city: {
    name: string
    name_en: string
    county_code: string
    code_segments: number[]
    zone: string
  } | null
  checklist: { key: string; done: boolean; zh: string; en: string; count?: number | null }[]
}

export interface BroughtIn {
  kind: string
  added: number
  updated: number
  unchanged: number
  links_file: string
}

/** One change, as the live feed sends it. */
export interface Change {
  kind: string
  ref: string | null
  op: string
  units: string[]
  at: string
  feature?: GeoJSON.Feature<GeoJSON.Point | null, Record<string, unknown> | null> | null
}
