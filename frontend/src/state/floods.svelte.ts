import { get, query } from '../api/client'
import type { WaterPoint } from '../wall/water'

const MOST_FLOODS = 12
const FLOODED_FROM_CM = 10
/** A flood is drawn anew when the depth is another by so much. */
const FLOOD_STEP_CM = 5
/** Ground that nobody knows (yet) is asked about again after a while. */
const UNKNOWN_MS = 60_000
const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

interface Known {
  depth: number
  polygon: GeoJSON.Feature | null
  askedAt: number
}

/** Where the water of the deepest points stands: polygons from the terrain, asked for one after the other. */
export class Floods {
  drawn = $state.raw<GeoJSON.FeatureCollection>(NOTHING)
  private readonly known = new Map<string, Known>()
  private wanted: readonly WaterPoint[] | null = null
  private asking = false

  show(points: readonly WaterPoint[]): void {
    this.wanted = points
    if (!this.asking) void this.ask()
  }

  private async ask(): Promise<void> {
    this.asking = true
    while (this.wanted) {
      const wet = this.wanted
        .filter(({ stale, depth_cm }) => !stale && (depth_cm ?? 0) >= FLOODED_FROM_CM)
        .sort((a, b) => (b.depth_cm ?? 0) - (a.depth_cm ?? 0))
        .slice(0, MOST_FLOODS)
      this.wanted = null
      let changed = this.forget(wet)
      for (const point of wet) {
        // Somebody has gone on to another minute.
        if (this.wanted) break
        changed = (await this.askOne(point)) || changed
      }
      if (changed) this.draw()
    }
    this.asking = false
  }

  private forget(wet: readonly WaterPoint[]): boolean {
    const codes = new Set(wet.map(({ code }) => code))
    let changed = false
    for (const code of [...this.known.keys()])
      if (!codes.has(code)) changed = this.known.delete(code) || changed
    return changed
  }

  private async askOne({ code, lng, lat, depth_cm }: WaterPoint): Promise<boolean> {
    const depth = Math.round((depth_cm ?? 0) / FLOOD_STEP_CM) * FLOOD_STEP_CM
    const known = this.known.get(code)
    const isFresh = known && (known.polygon !== null || performance.now() - known.askedAt < UNKNOWN_MS)
    if (isFresh && known.depth === depth) return false
    const polygon = await get<GeoJSON.Feature>(
      `/api/terrain/inundation${query({ lon: lng, lat, depth_cm: depth, inside: 'false' })}`,
    ).catch(() => null)
    this.known.set(code, { depth, polygon, askedAt: performance.now() })
    return true
  }

  private draw(): void {
    this.drawn = {
      type: 'FeatureCollection',
      features: [...this.known.values()].flatMap(({ polygon }) => (polygon?.geometry ? [polygon] : [])),
    }
  }
}
