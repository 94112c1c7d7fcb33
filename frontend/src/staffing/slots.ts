// The board as places x (role, shift) on one day: which duty stands where, and who comes.
import type { BoardDuty, BoardRow, StaffRole, StandIn } from '../api/types'
import { addDays, wallToUtc, weekdayOf } from './zone-time'

export type Span = [number, number]

/** A column: a role at the hours of a shift; empty hours are day and night. */
export interface Column {
  role: StaffRole
  starts: string
  ends: string
}

/** A duty in one slot of the day. `span` is its time on that day, `standIn` who comes instead, if anybody. */
export interface Chip {
  duty: BoardDuty
  span: Span
  /** The substitution that holds most of the span. */
  standIn: StandIn | null
  /** Nobody comes: a leave without a substitute, or somebody who cannot log in any more. */
  missing: boolean
}

const ROLES_FIRST: StaffRole[] = ['grid_worker', 'supervisor', 'inspector', 'volunteer']
/** So many shifts of a role get a column of their own. */
const MOST_SHIFTS = 5

export const columnKey = (column: Column): string => `${column.role} ${column.starts} ${column.ends}`
const short = (clock: string): string => clock.slice(0, 5)

/** `22:00–06:00`; empty for day and night. */
export const hoursOf = (column: Column): string =>
  column.starts ? `${short(column.starts)}–${short(column.ends)}` : ''

function windowsOf(duty: BoardDuty): Column[] {
  if (duty.shifts.length === 0) return [{ role: duty.role, starts: '', ends: '' }]
  const found = new Map<string, Column>()
  for (const { starts, ends } of duty.shifts) {
    const column = { role: duty.role, starts, ends }
    found.set(columnKey(column), column)
  }
  return [...found.values()]
}

/** The columns of a board: the roles of the formula always, others where somebody has them. */
export function columnsOf(duties: BoardDuty[]): Column[] {
  const used = new Map<string, { column: Column; count: number }>()
  for (const duty of duties)
    for (const column of windowsOf(duty)) {
      const key = columnKey(column)
      const known = used.get(key)
      if (known) known.count += 1
      else used.set(key, { column, count: 1 })
    }
  const roles = [...new Set([...ROLES_FIRST, ...duties.map((duty) => duty.role)])]
  return roles.flatMap((role) => {
    const all = [...used.values()].filter(({ column }) => column.role === role)
    const most = all.sort((a, b) => b.count - a.count).slice(0, MOST_SHIFTS)
    const columns = most.map(({ column }) => column)
    columns.sort((a, b) => a.starts.localeCompare(b.starts))
    return columns.length > 0 ? columns : [{ role, starts: '', ends: '' }]
  })
}

/** When a duty is on duty in a shift that begins on `day`; null when it is not. */
export function spanOn(duty: BoardDuty, column: Column, day: string, zone: string): Span | null {
  if (column.starts) {
    const weekday = weekdayOf(day)
    const has = duty.shifts.some(
      (shift) =>
        shift.weekdays.includes(weekday) && shift.starts === column.starts && shift.ends === column.ends,
    )
    if (!has) return null
  }
  const lastDay = !column.starts || column.ends <= column.starts ? addDays(day, 1) : day
  const starts = Math.max(wallToUtc(day, column.starts || '00:00', zone), Date.parse(duty.valid_from))
  const ends = Math.min(
    wallToUtc(lastDay, column.ends || '00:00', zone),
    duty.valid_to ? Date.parse(duty.valid_to) : Number.POSITIVE_INFINITY,
  )
  return starts < ends ? [starts, ends] : null
}

const overlap = (one: StandIn, [starts, ends]: Span): number =>
  Math.min(Date.parse(one.valid_to), ends) - Math.max(Date.parse(one.valid_from), starts)

/** Substitutions of a duty that touch a span. */
export const standInsIn = (duty: BoardDuty, span: Span): StandIn[] =>
  duty.stand_ins.filter((one) => overlap(one, span) > 0)

export function chipOf(duty: BoardDuty, span: Span): Chip {
  const [standIn = null] = standInsIn(duty, span).sort((a, b) => overlap(b, span) - overlap(a, span))
  return { duty, span, standIn, missing: standIn ? !standIn.is_there : !duty.is_there }
}

/** Chips of a day: by the code of the place, then in the order of the columns. */
export function chipsOn(
  duties: BoardDuty[],
  columns: Column[],
  day: string,
  zone: string,
): Map<string, Chip[][]> {
  const placed = new Map<string, Chip[][]>()
  const of = new Map(columns.map((column, index) => [columnKey(column), index]))
  for (const duty of duties)
    for (const column of windowsOf(duty)) {
      const index = of.get(columnKey(column)) ?? columns.findLastIndex(({ role }) => role === duty.role)
      const span = spanOn(duty, column, day, zone)
      if (!span || index < 0) continue
      const chip = chipOf(duty, span)
      for (const code of duty.units) {
        const row = placed.get(code) ?? columns.map(() => [])
        row[index]?.push(chip)
        placed.set(code, row)
      }
    }
  return placed
}

/** A place's gaps: nobody of its own, nobody at all; spans in milliseconds. */
export interface RowGaps {
  own: Span[]
  nobody: Span[]
}

const HOUR_MS = 3_600_000

/** Hours of some spans that lie within another. */
export const hoursWithin = (spans: Span[], [from, to]: Span): number =>
  spans.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0) / HOUR_MS

export interface Filters {
  text: string
  onlyGaps: boolean
  onlyIncomplete: boolean
  onlyAway: boolean
}

/** Rows that the filters leave. A filter about cells hides the units above them. */
export function rowsLeft(
  rows: BoardRow[],
  filters: Filters,
  people: Map<number, string>,
  chips: Map<string, Chip[][]>,
  gapsOf: (code: string) => RowGaps | undefined,
  day: Span,
): BoardRow[] {
  const words = filters.text.trim().toLowerCase()
  return rows.filter((row) => {
    const here = (chips.get(row.code) ?? []).flat()
    if (filters.onlyGaps && !(gapsOf(row.code) && hoursWithin(gapsOf(row.code)?.own ?? [], day) > 0))
      return false
    if (filters.onlyIncomplete && (row.level !== 'CELL' || row.complete === 1)) return false
    if (filters.onlyAway && !here.some((chip) => chip.standIn !== null || chip.missing)) return false
    if (!words) return true
    const names = here.flatMap(({ duty, standIn }) => [duty.user, standIn?.user ?? 0])
    const said = [row.code, row.name, row.name_en, ...names.map((id) => people.get(id) ?? '')]
    return said.some((text) => text.toLowerCase().includes(words))
  })
}

/** Which rows of equal height are in sight, with some above and below. */
export function inSight(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - 4)
  return [first, Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + 4)]
}
