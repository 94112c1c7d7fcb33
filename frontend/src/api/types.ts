// What the server says, by the names the pages use. All of it is generated from the OpenAPI document
// (`npm run types`), but for shapes that JSON Schema cannot say: GeoJSON, pairs of degrees, the live feed.
import type { components } from './schema'

type Schemas = components['schemas']

export type Language = 'zh' | 'en'
export type LngLat = [number, number]
/** West, south, east, north in degrees. */
export type Box = [number, number, number, number]

type WithBox<T> = Omit<T, 'bbox'> & { bbox: Box | null }
type WithShape<T> = Omit<T, 'geometry' | 'attributes'> & {
  geometry: GeoJSON.Geometry
  attributes: Record<string, unknown>
}
type MaybeWithShape<T> = Omit<T, 'geometry'> & { geometry: GeoJSON.Geometry | null }

export type Welcome = Schemas['Welcome']
export type DemoLogin = Schemas['DemoLogin']
export type Me = Omit<Schemas['Me'], 'language'> & { language: Language | '' }
export type FeedToken = Schemas['FeedToken']
export type City = WithBox<Omit<Schemas['City'], 'center'>> & { center: LngLat | null }
export type Layer = Schemas['Layer']
export type LegendEntry = Schemas['LegendEntry']
export type Found = WithBox<Schemas['Found']>

export type OrganisationName = Schemas['UnitNameOut'] & { is_simulated?: boolean }
/** Somebody who answers; the parts that not every card tells are optional. */
export type Worker = Omit<Schemas['WorkerOut'], 'level'> & { level: string; until?: string | null }
export type CellCard = WithBox<MaybeWithShape<Schemas['CellCard']>>
export type UnitCard = WithBox<MaybeWithShape<Schemas['UnitCard']>>
export type ClassCount = Schemas['AssetCount']
export type Answers = Schemas['AnswersOut']

/** What classes of assets and of events have in common. */
export type ClassName = Pick<
  Schemas['EventClassOut'],
  'code' | 'major_zh' | 'major_en' | 'name_zh' | 'name_en' | 'icon'
>
/** A photo of an asset or of an incident. */
export type PhotoRef = Omit<Schemas['IncidentPhotoOut'], 'role'> & { role: string; small_url?: string }
export type AssetCard = WithShape<Schemas['AssetCard']>
export type HistoryEntry = Schemas['AssetHistoryEntry']
export type BuildingCard = WithShape<Schemas['BuildingCard']>

export type IncidentRow = Omit<Schemas['IncidentRowOut'], 'stage' | 'level'> & {
  stage: string
  level: string
}
export type IncidentCard = Omit<Schemas['IncidentCardOut'], 'stage' | 'level'> & {
  stage: string
  level: string
}
export type Step = Schemas['StepOut']
export type Move = Schemas['OfferedMoveOut']
export type PatrolJudgement = Schemas['JudgementOut']
export type Presence = Schemas['PresenceOut']
/** A street with its patrol duty. */
export type Street = WithShape<Schemas['Street']>
export type PatrolTally = Schemas['TallyOut']
export type Contact = Schemas['ContactOut']
export type NewIncident = Partial<Schemas['ReportInRequest']>
export type Receipt = Schemas['ReceiptOut']
export type Indicator = Schemas['IndicatorOut']
export type Indicators = Schemas['IndicatorsOut']
export type UnitCoverage = Schemas['Coverage']
export type IncidentThen = Omit<Schemas['IncidentThenOut'], 'stage'> & { stage: string }
export type Bars = Schemas['BarsOut']
/** One's own login to the database, and where it is. */
export type GisAccess = Schemas['GisAccess']
export type MadeGisAccess = Schemas['MadeAccess']
/** A wall as those see it who steer it. */
export type Display = Schemas['Display']
/** What a wall knows of itself. */
export type OwnDisplay = Schemas['OwnDisplay']
export type Wishes = Schemas['Wishes']
export type Pairing = Schemas['Pairing']
export type Water = Schemas['WaterOut']
/** A waterlogging point as GeoJSON: the generated type leaves every part open. */
export interface WaterFeature {
  id: string
  geometry: { coordinates: LngLat }
  properties: { name: string; name_en: string; is_simulated: boolean; water: Water }
}
export type WaterThenFeature = WaterFeature & { properties: { course_cm: (number | null)[] } }
export type PositionsThen = Schemas['PositionsThen']
export type CoverageThen = Schemas['CoverageThen']
export type Series = Schemas['SeriesOut']
export type CameraFeature = Schemas['CameraFeature']
export type LastPosition = Schemas['LastPosition']
export type SetupState = Schemas['Setup']
export type BroughtIn = Schemas['BroughtIn']

export interface Page<Row> {
  count: number
  page: number
  pages: number
  results: Row[]
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

export type Board = Schemas['Board']
export type BoardRow = Schemas['BoardRow']
export type BoardDuty = Schemas['BoardDuty']
export type BoardPerson = Schemas['BoardPerson']
export type StandIn = Schemas['StandIn']
export type StaffRole = Schemas['StaffRole']
export type StaffingGaps = Schemas['Gaps']
export type StaffLoad = Schemas['Load']
export type Candidate = Schemas['Candidate']
export type ContactLevel = Schemas['ContactLevel']
export type Surrounding = Omit<Schemas['Surrounding'], 'geometry'> & { geometry: GeoJSON.Geometry }
export type UnitRow = Schemas['UnitRow']
