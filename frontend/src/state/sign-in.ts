import type { Refused } from '../api/client'

/** Where to go after signing in: only ever a path of this server. */
export function afterLogin(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/'
}

export const isLimited = (reason: Refused): boolean =>
  reason.status === 429 ||
  ['rate_limited', 'throttled', 'locked_out', 'too_many_attempts'].includes(reason.code)

/** Seconds to wait, when the server says how long; null when it does not. */
export const secondsOf = (reason: Refused): number | null => reason.retryAfter
