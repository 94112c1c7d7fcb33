// Waterlogging points as the wall shows them: their band, what they rise by, when the next band begins.
import type { WaterFeature } from '../api/types'
import type { Status } from '../map/status'

export interface WaterPoint {
  code: string
  name: string
  name_en: string
  lng: number
  lat: number
  depth_cm: number | null
  /** Centimetres in ten minutes; positive rises. */
  rate_cm: number | null
  /** Minutes until the next worse band at this rate; null when it does not rise. */
  next_band_min: number | null
  band: Status
  measured_at: string | null
  stale: boolean
  is_simulated: boolean
  /** Depths of the last hours, the oldest first; null where nothing was measured. */
  history: (number | null)[]
}

/** What stands in the water at a point. */
export interface Harm {
  buildings: number
  households: number
}

const RANK: Record<Status, number> = { critical: 0, serious: 1, watch: 2, notice: 3, done: 4, idle: 5 }

/** Bands of depth in cm, the worst first (domain page). */
export const BANDS: readonly { status: Status; from: number }[] = [
  { status: 'critical', from: 50 },
  { status: 'serious', from: 30 },
  { status: 'watch', from: 15 },
  { status: 'notice', from: 0 },
]

export const bandOf = (depth: number | null): Status =>
  depth === null ? 'idle' : (BANDS.find(({ from }) => depth >= from)?.status ?? 'notice')

/** The depths of a band, as digits of every language: ≥ 50 cm, 30–50 cm, < 15 cm. Empty for what is no band. */
export function bandRange(status: Status): string {
  const i = BANDS.findIndex((band) => band.status === status)
  const band = BANDS[i]
  if (!band) return ''
  const above = BANDS[i - 1]
  if (!above) return `≥ ${band.from} cm`
  return band.from === 0 ? `< ${above.from} cm` : `${band.from}–${above.from} cm`
}

/** The worst first; within a band what will be worse soonest, then the deepest. */
export function byUrgency(a: WaterPoint, b: WaterPoint): number {
  return (
    RANK[a.band] - RANK[b.band] ||
    (a.next_band_min ?? Number.POSITIVE_INFINITY) - (b.next_band_min ?? Number.POSITIVE_INFINITY) ||
    (b.depth_cm ?? 0) - (a.depth_cm ?? 0) ||
    a.code.localeCompare(b.code)
  )
}

/** `now`: the moment that is shown, which forecasts are counted from. */
export function pointOf(
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

/** An SVG path through the values in a box; a gap where there is none. The scale begins at zero. */
export function sparkline(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value): value is number => value !== null)
  const top = Math.max(1, ...known)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  let path = ''
  let drawing = false
  values.forEach((value, i) => {
    if (value === null) {
      drawing = false
      return
    }
    const x = (i * step).toFixed(1)
    const y = (height - (Math.max(0, value) / top) * height).toFixed(1)
    path += `${drawing ? 'L' : 'M'}${x} ${y}`
    drawing = true
  })
  return path
}
