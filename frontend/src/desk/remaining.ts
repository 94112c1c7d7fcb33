// Time until a limit, or past it, in words.
import type { Dictionary } from '../i18n/index.svelte'
import type { Status } from '../map/status'

type Words = Dictionary['desk']

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "2 h 5 min left", "1 d 3 h over"; a span of less than a minute counts as one. */
export function remaining(ms: number, words: Words): string {
  const span = Math.max(Math.abs(ms), MINUTE)
  const text =
    span >= DAY
      ? words.days(Math.floor(span / DAY), Math.floor((span % DAY) / HOUR))
      : span >= HOUR
        ? words.hours(Math.floor(span / HOUR), Math.floor((span % HOUR) / MINUTE))
        : words.minutes(Math.floor(span / MINUTE))
  return ms < 0 ? words.over(text) : words.left(text)
}

const STATUS: Record<string, Status> = { red: 'critical', yellow: 'serious', green: 'notice' }

/** Light as colour and shape. One that stands still is idle. */
export const statusOfLight = (light: string, waiting = ''): Status =>
  waiting ? 'idle' : (STATUS[light] ?? 'idle')
