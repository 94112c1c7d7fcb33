import { get, query, Refused } from '../api/client'
import type { Bars, CoverageThen, IncidentThen, PositionsThen, WaterThenFeature } from '../api/types'
import { steady } from '../live/steady-clock'
import type { StreetCoverage } from '../wall/coverage'
import { Movers } from '../wall/movers'
import { pointOf, type WaterPoint } from '../wall/water'

/** What the wall shows of a minute that is over: nothing in it is of now. */
export interface Past {
  /** Milliseconds since 1970. */
  at: number
  /** False: there were more incidents than are listed. */
  whole: boolean
  incidents: readonly IncidentThen[]
  people: Movers
  water: readonly WaterPoint[]
  streets: readonly StreetCoverage[]
}

export const SPANS = { day: 24, week: 24 * 7, month: 24 * 30 } as const
export type Span = keyof typeof SPANS

const MINUTE = 60_000
const PLAY_EVERY_MS = 1000
/** Of the city's time in a second of playing, by the span that is shown. */
const STEP_MS: Record<Span, number> = { day: 10 * MINUTE, week: 60 * MINUTE, month: 240 * MINUTE }

/** What this reader may not see is not there; anything else that goes wrong is trouble. */
async function orNothing<T>(asked: Promise<T>, nothing: T): Promise<T> {
  try {
    return await asked
  } catch (reason) {
    if (reason instanceof Refused && (reason.status === 403 || reason.status === 404)) return nothing
    throw reason
  }
}

function moversOf({ results }: Pick<PositionsThen, 'results'>): Movers {
  const people = new Movers()
  for (const { worker_id, lng, lat, state } of results) {
    people.place(worker_id, lng, lat)
    people.setState(worker_id, state === 'silent' ? 'silent' : 'on_patrol')
  }
  return people
}

async function askPast(at: number, signal: AbortSignal): Promise<Past> {
  const asked = query({ at: new Date(at).toISOString() })
  const part = <T>(name: string) => get<T>(`/api/replay/${name}${asked}`, { signal })
  const [then, people, water, coverage] = await Promise.all([
    part<{ whole: boolean; results: IncidentThen[] }>('incidents'),
    orNothing(part<Pick<PositionsThen, 'results'>>('positions'), { results: [] }),
    orNothing(part<{ features: WaterThenFeature[] }>('waterlogging'), { features: [] }),
    orNothing(part<Pick<CoverageThen, 'results'>>('coverage'), { results: [] }),
  ])
  return {
    at,
    whole: then.whole,
    incidents: then.results,
    people: moversOf(people),
    water: water.features.map((one) => pointOf(one, one.properties.course_cm, at)),
    streets: coverage.results.map(({ code, name, name_en, due_m, walked_m }) => ({
      code,
      name,
      name_en,
      share: due_m === 0 ? null : walked_m / due_m,
      walked_m,
      all_m: due_m,
    })),
  }
}

/** What the wall shows: now, or a minute of the last thirty days. */
export class Replay {
  /** Milliseconds since 1970: the minute that was asked for; null: now. */
  at = $state<number | null>(null)
  span = $state<Span>('day')
  /** What is shown: of the minute asked for, or while that is on its way of the one before it. */
  past = $state.raw<Past | null>(null)
  loading = $state(false)
  failed = $state(false)
  playing = $state(false)
  private asking: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  show(at: number | null): void {
    if (at === null || at >= steady.now() - MINUTE / 2) {
      this.stop()
      this.asking?.abort()
      this.at = null
      this.past = null
      this.failed = false
      this.loading = false
      return
    }
    this.at = Math.round(at / MINUTE) * MINUTE
    void this.load(this.at)
  }

  /** By so many minutes. */
  step(minutes: number): void {
    this.show((this.at ?? steady.now()) + minutes * MINUTE)
  }

  toggle(): void {
    if (this.playing) this.stop()
    else {
      this.playing = true
      if (this.at === null) this.show(steady.now() - SPANS[this.span] * 60 * MINUTE)
      this.next()
    }
  }

  stop(): void {
    this.playing = false
    clearTimeout(this.timer)
  }

  private next(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      if (!this.playing || this.at === null) return
      // A minute that has not come yet is waited for: nothing is jumped over on a slow line.
      if (!this.loading) this.show(this.at + STEP_MS[this.span])
      if (this.at !== null) this.next()
    }, PLAY_EVERY_MS)
  }

  private async load(at: number): Promise<void> {
    this.asking?.abort()
    const asking = new AbortController()
    this.asking = asking
    this.loading = true
    try {
      const past = await askPast(at, asking.signal)
      if (asking.signal.aborted) return
      this.past = past
      this.failed = false
    } catch {
      if (asking.signal.aborted) return
      // What is not known is not filled with another minute.
      this.past = null
      this.failed = true
    }
    this.loading = false
  }
}

export const askBars = (span: Span, signal: AbortSignal): Promise<Bars> =>
  get<Bars>(`/api/replay/bars${query({ hours: SPANS[span] })}`, { signal })
