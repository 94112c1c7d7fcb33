import { get, query } from '../api/client'
import type { Change, Series, WaterFeature } from '../api/types'
import { steady } from '../live/steady-clock'
import { RANK_OF, type Status } from '../map/status'
import { askedFreshness, type Freshness } from '../wall/freshness'
import { bandOf, type WaterPoint } from '../wall/water'
import { Polled } from './polled.svelte'

/** The feed says when a level has changed; this is for what it has missed, and for rates and forecasts. */
const EVERY_MS = 8000
const COURSES_EVERY_MS = 60_000
const COURSE_HOURS = 3
const COURSE_POINTS = 36
/** Of the worst points only; a list on a wall shows no more. */
const MOST_COURSES = 24
const MOST_FLOODS = 12
const FLOODED_FROM_CM = 10
/** A flood is drawn anew when the depth is another by so much. */
const FLOOD_STEP_CM = 5
/** Ground that nobody knows (yet) is asked about again after a while. */
const UNKNOWN_MS = 60_000
const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

function pointOf(
  { id, geometry, properties }: WaterFeature,
  history: (number | null)[],
  now: number,
): WaterPoint {
  const { water, name, name_en, is_simulated } = properties
  const next = water.next_band_at ? (Date.parse(water.next_band_at) - now) / 60_000 : null
  return {
    code: id,
    name,
    name_en,
    lng: geometry.coordinates[0],
    lat: geometry.coordinates[1],
    depth_cm: water.depth_cm,
    rate_cm: water.cm_per_10min,
    next_band_min: next === null ? null : Math.max(0, Math.round(next)),
    band: (water.band || bandOf(water.depth_cm)) as Status,
    measured_at: water.measured_at,
    stale: water.is_stale,
    is_simulated,
    history,
  }
}

/** Waterlogging points, their courses of the last hours, and where the water stands. */
export class WallWater {
  flooded = $state.raw<GeoJSON.FeatureCollection>(NOTHING)
  private courses = $state.raw<ReadonlyMap<string, (number | null)[]>>(new Map())
  private readonly polled = new Polled<WaterFeature[]>(EVERY_MS, async (signal) => {
    const { features } = await get<{ features: WaterFeature[] }>('/api/waterlogging', { signal })
    void this.askFloods(features)
    return features
  })
  readonly points = $derived<readonly WaterPoint[]>(
    (this.polled.value ?? []).map((one) =>
      pointOf(one, this.courses.get(one.id) ?? [], this.polled.answeredAt ?? steady.now()),
    ),
  )
  /** The polygons that are drawn, by point, and for which depth they were asked. */
  private readonly floods = new Map<
    string,
    { depth: number; polygon: GeoJSON.Feature | null; askedAt: number }
  >()
  private asking = false
  private timer: ReturnType<typeof setInterval> | undefined

  get failed(): boolean {
    return this.polled.failed && this.polled.value === null
  }

  freshness(now: number): Freshness {
    return askedFreshness(this.polled.answeredAt, EVERY_MS, now)
  }

  start(): () => void {
    const end = this.polled.start()
    void this.askCourses()
    const first = setTimeout(() => void this.askCourses(), 2000)
    this.timer = setInterval(() => void this.askCourses(), COURSES_EVERY_MS)
    return () => {
      clearInterval(this.timer)
      clearTimeout(first)
      end()
    }
  }

  ask(): void {
    void this.polled.ask()
  }

  concerns(change: Change): boolean {
    return change.kind === 'waterlogging' || change.kind === 'alarm' || change.kind === 'station'
  }

  private worst(most: number): WaterFeature[] {
    const rank = ({ properties: { water } }: WaterFeature) => RANK_OF[(water.band || 'idle') as Status]
    return [...(this.polled.value ?? [])].sort((a, b) => rank(a) - rank(b)).slice(0, most)
  }

  /** One after the other: a wall has time, and the server has others. */
  private async askCourses(): Promise<void> {
    const courses = new Map<string, (number | null)[]>()
    const begin = new Date(steady.now() - COURSE_HOURS * 3_600_000).toISOString()
    for (const { id } of this.worst(MOST_COURSES)) {
      const path = `/api/waterlogging/${encodeURIComponent(id)}/history`
      try {
        const [series] = await get<Series[]>(`${path}${query({ begin, points: COURSE_POINTS })}`)
        courses.set(id, series?.mean ?? [])
      } catch {
        courses.set(id, this.courses.get(id) ?? [])
      }
    }
    this.courses = courses
  }

  private async askFloods(points: readonly WaterFeature[]): Promise<void> {
    if (this.asking) return
    this.asking = true
    const wet = points
      .filter(({ properties: { water } }) => !water.is_stale && (water.depth_cm ?? 0) >= FLOODED_FROM_CM)
      .sort((a, b) => (b.properties.water.depth_cm ?? 0) - (a.properties.water.depth_cm ?? 0))
      .slice(0, MOST_FLOODS)
    const codes = new Set(wet.map(({ id }) => id))
    let changed = false
    for (const code of [...this.floods.keys()])
      if (!codes.has(code)) changed = this.floods.delete(code) || changed
    for (const { id, geometry, properties } of wet) {
      const depth = Math.round((properties.water.depth_cm ?? 0) / FLOOD_STEP_CM) * FLOOD_STEP_CM
      const known = this.floods.get(id)
      const isFresh = known && (known.polygon !== null || performance.now() - known.askedAt < UNKNOWN_MS)
      if (isFresh && known.depth === depth) continue
      const [lon, lat] = geometry.coordinates
      const polygon = await get<GeoJSON.Feature>(
        `/api/terrain/inundation${query({ lon, lat, depth_cm: depth, inside: 'false' })}`,
      ).catch(() => null)
      this.floods.set(id, { depth, polygon, askedAt: performance.now() })
      changed = true
    }
    if (changed)
      this.flooded = {
        type: 'FeatureCollection',
        features: [...this.floods.values()].flatMap(({ polygon }) => (polygon?.geometry ? [polygon] : [])),
      }
    this.asking = false
  }
}
