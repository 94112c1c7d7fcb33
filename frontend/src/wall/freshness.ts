// When what is on the wall is old, and since when.
import type { FeedState } from '../live/feed'

/** Nothing on the wall is older than this without saying so. */
export const STALE_AFTER_MS = 10_000

export interface Freshness {
  stale: boolean
  /** Milliseconds since 1970: what is shown was right then. */
  since: number
}

/** The feed is a proof of life every few seconds; without one, everything that it keeps current is old. */
export function freshnessOf(state: FeedState, heardAt: number, now: number): Freshness {
  const silent = now - heardAt > STALE_AFTER_MS
  const broken = state === 'gone' || state === 'stale' || state === 'signed_out'
  return { stale: silent || broken, since: heardAt }
}

/** Something that is asked for every `everyMs`: old when one answer has been missed, and a little. */
export function askedFreshness(answeredAt: number | null, everyMs: number, now: number): Freshness {
  if (answeredAt === null) return { stale: false, since: now }
  return { stale: now - answeredAt > everyMs + STALE_AFTER_MS, since: answeredAt }
}
