// A year as its twelve months of weeks, Monday first. Pure: days are texts such as 2026-10-01.
export interface DayOff {
  day: string
  is_working: boolean
}
export type DayKind = 'working' | 'weekend' | 'holiday' | 'extra'

const two = (n: number) => String(n).padStart(2, '0')
export const dayText = (year: number, month: number, day: number) => `${year}-${two(month + 1)}-${two(day)}`

/** Days of a month in rows of seven; null where the week belongs to another month. */
export function weeksOf(year: number, month: number): (string | null)[][] {
  const first = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % 7
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const cells: (string | null)[] = Array.from({ length: first }, () => null)
  for (let day = 1; day <= days; day += 1) cells.push(dayText(year, month, day))
  while (cells.length % 7) cells.push(null)
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

/** 0 is Monday. */
export const weekdayOf = (day: string) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

export function kindOf(day: string, special: DayOff | undefined, working: ReadonlySet<number>): DayKind {
  if (special) return special.is_working ? 'extra' : 'holiday'
  return working.has(weekdayOf(day)) ? 'working' : 'weekend'
}
