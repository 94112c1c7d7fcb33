import { get, query } from '../api/client'
import type { Bars, IncidentThen } from '../api/types'
import { steady } from '../live/steady-clock'

interface Then {
  at: string
  whole: boolean
  results: IncidentThen[]
}

export const SPANS = { day: 24, week: 24 * 7, month: 24 * 30 } as const
export type Span = keyof typeof SPANS

const MINUTE = 60_000
const PLAY_EVERY_MS = 1000
/** Of the city's time in a second of playing, by the span that is shown. */
const STEP_MS: Record<Span, number> = { day: 10 * MINUTE, week: 60 * MINUTE, month: 240 * MINUTE }

/** What the wall shows: now, or a minute of the last thirty days. */
export class Replay {
  /** Milliseconds since 1970; null: now. */
  at = $state<number | null>(null)
  span = $state<Span>('day')
  past = $state.raw<Then | null>(null)
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
      const past = await get<Then>(`/api/replay/incidents${query({ at: new Date(at).toISOString() })}`, {
        signal: asking.signal,
      })
      if (asking.signal.aborted) return
      this.past = past
      this.failed = false
    } catch {
      if (asking.signal.aborted) return
      this.failed = true
    }
    this.loading = false
  }
}

export const askBars = (span: Span, signal: AbortSignal): Promise<Bars> =>
  get<Bars>(`/api/replay/bars${query({ hours: SPANS[span] })}`, { signal })
