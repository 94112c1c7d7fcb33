// Periods of whole days as text (2026-01-31), both ends included. Pure.

export type Preset = 'week' | 'month' | 'quarter' | 'thisMonth' | 'lastMonth' | 'year'
export const PRESETS: Preset[] = ['week', 'month', 'quarter', 'lastMonth', 'thisMonth', 'year']

export interface Period {
  start: string
  end: string
}

export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The period of a button, seen from `today`; it ends yesterday, as today is not over. */
export function periodOf(preset: Preset, today: string): Period {
  const yesterday = addDays(today, -1)
  const first = `${today.slice(0, 8)}01`
  if (preset === 'thisMonth') return { start: first, end: today }
  if (preset === 'lastMonth') {
    const end = addDays(first, -1)
    return { start: `${end.slice(0, 8)}01`, end }
  }
  const days = { week: 7, month: 30, quarter: 90, year: 365 }[preset]
  return { start: addDays(today, -days), end: yesterday }
}

/** Whether both are days and in order. */
export function isPeriod({ start, end }: Period): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/
  return day.test(start) && day.test(end) && start <= end
}
