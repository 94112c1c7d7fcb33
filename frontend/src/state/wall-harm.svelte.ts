import { get, query } from '../api/client'
import type { components } from '../api/schema'
import type { Harm, WaterPoint } from '../wall/water'

type Inundation = components['schemas']['InundationFeature']

const MOST = 12
/** From the first band on that is an alarm. */
const FROM_CM = 15
/** Counted anew when the depth is another by so much. */
const STEP_CM = 5
/** What could not be counted is asked for again after a while. */
const AGAIN_MS = 30_000

/** Buildings and households in the water, by waterlogging point; counted by the server, one point after the other. */
export class WallHarm {
  inside = $state.raw<ReadonlyMap<string, Harm>>(new Map())
  private readonly known = new Map<string, { depth: number; harm: Harm | null; askedAt: number }>()
  private asking = false

  async show(points: readonly WaterPoint[]): Promise<void> {
    if (this.asking) return
    this.asking = true
    const wet = points
      .filter(({ stale, depth_cm }) => !stale && (depth_cm ?? 0) >= FROM_CM)
      .sort((a, b) => (b.depth_cm ?? 0) - (a.depth_cm ?? 0))
      .slice(0, MOST)
    const codes = new Set(wet.map(({ code }) => code))
    for (const code of [...this.known.keys()]) if (!codes.has(code)) this.known.delete(code)
    for (const { code, lng, lat, depth_cm } of wet) {
      const depth = Math.round((depth_cm ?? 0) / STEP_CM) * STEP_CM
      const before = this.known.get(code)
      const isKnown = before && (before.harm !== null || performance.now() - before.askedAt < AGAIN_MS)
      if (isKnown && before.depth === depth) continue
      const found = await get<Inundation>(
        `/api/terrain/inundation${query({ lon: lng, lat, depth_cm: depth })}`,
      ).catch(() => null)
      const harm = found?.properties.inside ?? null
      this.known.set(code, { depth, harm, askedAt: performance.now() })
    }
    this.inside = new Map([...this.known].flatMap(([code, { harm }]) => (harm ? [[code, harm]] : [])))
    this.asking = false
  }
}
