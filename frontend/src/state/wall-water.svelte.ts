import type { Change } from '../api/types'
import { askedFreshness, type Freshness } from '../wall/freshness'
import type { WaterPoint } from '../wall/water'
import { Polled } from './polled.svelte'

const EVERY_MS = 10_000
const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

/** Waterlogging points and where the water stands. */
export class WallWater {
  flooded = $state.raw<GeoJSON.FeatureCollection>(NOTHING)
  private readonly polled = new Polled<WaterPoint[]>(EVERY_MS, async () => [])
  readonly points = $derived<readonly WaterPoint[]>(this.polled.value ?? [])

  get failed(): boolean {
    return this.polled.failed && this.polled.value === null
  }

  freshness(now: number): Freshness {
    return askedFreshness(this.polled.answeredAt, EVERY_MS, now)
  }

  start(): () => void {
    return this.polled.start()
  }

  ask(): void {
    void this.polled.ask()
  }

  concerns(change: Change): boolean {
    return change.kind.startsWith('waterlogging') || change.kind === 'alarm'
  }
}
