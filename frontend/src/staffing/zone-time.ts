// Local times of the city as moments, by the same rule as the database: a time that the clocks skip moves
// forward with them, one that they repeat is the second. Moments are milliseconds since 1970.

export const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** The local time of a moment, as if it were UTC. */
function localAsUtc(moment: number, zone: string): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  formats.set(zone, format)
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]))
  return Date.parse(
    `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`,
  )
}

/** Thousands of duties begin and end at the same few times. */
const known = new Map<string, number>()

/** `day` is 2026-11-22, `clock` 22:00 or 22:00:00. */
export function wallToUtc(day: string, clock: string, zone: string): number {
  const key = `${day} ${clock} ${zone}`
  const moment = known.get(key) ?? worked(day, clock, zone)
  if (known.size > 5000) known.clear()
  known.set(key, moment)
  return moment
}

function worked(day: string, clock: string, zone: string): number {
  const wanted = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}Z`)
  const offsets = [wanted - DAY_MS, wanted + DAY_MS].map((near) => localAsUtc(near, zone) - near)
  const moments = offsets.map((offset) => wanted - offset)
  const right = moments.filter((moment) => localAsUtc(moment, zone) === wanted)
  return right.length > 0 ? Math.max(...right) : Math.max(...moments)
}

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)

/** The local day of a moment. */
export const dayOf = (moment: number, zone: string): string =>
  new Date(localAsUtc(moment, zone)).toISOString().slice(0, 10)

/** Monday is 0. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
