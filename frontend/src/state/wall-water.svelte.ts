import { get, query } from '../api/client'
import type { Change, Series, WaterFeature } from '../api/types'
import { steady } from '../live/steady-clock'
import { RANK_OF, type Status } from '../map/status'
import { askedFreshness, type Freshness } from '../wall/freshness'
import { pointOf, type WaterPoint } from '../wall/water'
import { Floods } from './floods.svelte'
import { Polled } from './polled.svelte'

/** The feed says when a level has changed; this is for what it has missed, and for rates and forecasts. */
const EVERY_MS = 8000
const COURSES_EVERY_MS = 60_000
const COURSE_HOURS = 3
const COURSE_POINTS = 36
/** Of the worst points only; a list on a wall shows no more. */
const MOST_COURSES = 24

/** Waterlogging points, their courses of the last hours, and where the water stands. */
export class WallWater {
  private readonly floods = new Floods()
  private courses = $state.raw<ReadonlyMap<string, (number | null)[]>>(new Map())
  private readonly polled = new Polled<WaterFeature[]>(EVERY_MS, async (signal) => {
    const { features } = await get<{ features: WaterFeature[] }>('/api/waterlogging', { signal })
    this.floods.show(features.map((one) => pointOf(one, [], steady.now())))
    return features
  })
  readonly points = $derived<readonly WaterPoint[]>(
    (this.polled.value ?? []).map((one) =>
      pointOf(one, this.courses.get(one.id) ?? [], this.polled.answeredAt ?? steady.now()),
    ),
  )
  private timer: ReturnType<typeof setInterval> | undefined

  get flooded(): GeoJSON.FeatureCollection {
    return this.floods.drawn
  }

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
}
