// What the staffing page knows and does: the board of a unit and a week, what is picked, what is about to be done.
import { get, post, query, Refused, remove } from '../api/client'
import type {
  Board,
  BoardDuty,
  BoardRow,
  Candidate,
  StaffingGaps,
  StaffLoad,
  StaffRole,
  StandIn,
  UnitRow,
} from '../api/types'
import { cellName, lang } from '../i18n/index.svelte'
import { Loaded } from '../state/loaded.svelte'
import { session } from '../state/session.svelte'
import {
  type Chip,
  type Column,
  chipsOn,
  columnsOf,
  type Filters,
  type RowGaps,
  rowsLeft,
  type Span,
  standInsIn,
} from './slots'
import { addDays, dayOf, wallToUtc, weekdayOf } from './zone-time'

/** In the hand: somebody to be put in, or a duty to be moved. */
export type Held = { kind: 'person'; person: Candidate } | { kind: 'duty'; chip: Chip; from: BoardRow }

export type Mode = 'stand-in' | 'take-over' | 'add' | 'move'

/** What is about to be done, until it is confirmed. */
export interface Pending {
  held: Held
  row: BoardRow
  column: Column
  chip: Chip | null
}

/** What the side panel shows. */
export type Looking =
  | { kind: 'chip'; duty: number; row: BoardRow; column: Column }
  | { kind: 'row'; row: BoardRow }
  | { kind: 'pending'; pending: Pending }

const HOUR_MS = 3_600_000
const toSpans = (spans: string[][]): Span[] =>
  spans.map(([starts = '', ends = '']) => [Date.parse(starts), Date.parse(ends)])

export class StaffingDesk {
  readonly board = new Loaded<Board>()
  readonly gaps = new Loaded<StaffingGaps>()
  readonly loads = new Loaded<StaffLoad[]>()
  readonly candidates = new Loaded<Candidate[]>()
  readonly units = new Loaded<UnitRow[]>()

  unit = $state('')
  /** The day that the board shows, 2026-11-22. */
  day = $state('')
  role = $state<StaffRole | ''>('')
  filters = $state<Filters>({ text: '', onlyGaps: false, onlyIncomplete: false, onlyAway: false })
  held = $state.raw<Held | null>(null)
  looking = $state.raw<Looking | null>(null)
  busy = $state(false)
  wrong = $state('')
  said = $state('')
  /** What is over is told apart from what can still be mended. */
  now = $state(Date.now())

  readonly zone = $derived(session.city?.zone || 'UTC')
  readonly monday = $derived(this.day ? addDays(this.day, -weekdayOf(this.day)) : '')
  readonly daySpan = $derived<Span>(
    this.day
      ? [wallToUtc(this.day, '00:00', this.zone), wallToUtc(addDays(this.day, 1), '00:00', this.zone)]
      : [0, 0],
  )
  /** Of today what is left of it; other days whole. */
  readonly rest = $derived(this.from(this.daySpan))
  readonly names = $derived(new Map(this.board.value?.people.map(({ id, name }) => [id, name]) ?? []))
  readonly duties = $derived(new Map(this.board.value?.duties.map((duty) => [duty.id, duty]) ?? []))
  readonly rowOf = $derived(new Map(this.board.value?.rows.map((row) => [row.code, row]) ?? []))
  readonly columns = $derived(
    columnsOf(this.board.value?.duties ?? []).filter(({ role }) => !this.role || role === this.role),
  )
  readonly roles = $derived([...new Set(columnsOf(this.board.value?.duties ?? []).map(({ role }) => role))])
  readonly chips = $derived(
    this.day ? chipsOn(this.board.value?.duties ?? [], this.columns, this.day, this.zone) : new Map(),
  ) as Map<string, Chip[][]>
  readonly gapsByRow = $derived.by(() => {
    const found = new Map<string, RowGaps>()
    for (const { cells, own, nobody } of this.gaps.value?.holes ?? []) {
      const row = { own: toSpans(own), nobody: toSpans(nobody) }
      for (const code of cells) found.set(code, row)
    }
    return found
  })
  readonly rows = $derived(
    rowsLeft(
      this.board.value?.rows ?? [],
      this.filters,
      this.names,
      this.chips,
      (code) => this.gapsByRow.get(code),
      this.rest,
    ),
  )

  /** The part of a span from now on; a span that is over stays whole. */
  private from([starts, ends]: Span): Span {
    return this.now < ends ? [Math.max(starts, this.now), ends] : [starts, ends]
  }

  nameOf(user: number | null | undefined): string {
    return (user && this.names.get(user)) || ''
  }

  async start(unit: string, day: string): Promise<void> {
    await this.units.ask((signal) => get('/api/units', { signal }))
    this.unit = unit || this.firstUnit()
    this.day = day || dayOf(Date.now(), this.zone)
    await this.load()
  }

  /** The part of the city that somebody staffs, else the whole. */
  private firstUnit(): string {
    const prefixes = session.me?.memberships.map((held) => held.unit_prefix).filter(Boolean) ?? []
    const [first = ''] = prefixes.sort((a, b) => a.length - b.length)
    return first || this.units.value?.find(({ level }) => level === 'DISTRICT')?.code || ''
  }

  async load(): Promise<void> {
    const asked = query({ unit: this.unit, week: this.day })
    const ask = <T>(into: Loaded<T>, path: string) =>
      into.ask((signal) => get<T>(`/api/staffing/${path}${asked}`, { signal }))
    await Promise.all([ask(this.board, 'board'), ask(this.gaps, 'gaps')])
    if (this.board.value?.may_staff)
      await Promise.all([ask(this.candidates, 'people'), ask(this.loads, 'load')])
    this.now = Date.now()
    this.freshen()
  }

  /** What the panel shows may be gone or another since. */
  private freshen(): void {
    const { looking } = this
    if (looking?.kind === 'chip' && !this.duties.has(looking.duty)) this.looking = null
    if (looking?.kind === 'row') {
      const row = this.rowOf.get(looking.row.code)
      this.looking = row ? { kind: 'row', row } : null
    }
  }

  async showUnit(unit: string): Promise<void> {
    this.unit = unit
    this.looking = null
    this.held = null
    await this.load()
  }

  async showDay(day: string): Promise<void> {
    const sameWeek = addDays(day, -weekdayOf(day)) === this.monday
    this.day = day
    if (this.looking?.kind === 'chip' || this.looking?.kind === 'pending') this.looking = null
    if (!sameWeek) await this.load()
  }

  /** How many cells have a gap at some time of a span: nobody at all, nobody of their own. */
  private gapsIn([from, to]: Span): { nobody: number; own: number } {
    const touches = (spans: string[][]) => toSpans(spans).some(([a, b]) => a < to && b > from)
    let [nobody, own] = [0, 0]
    for (const hole of this.gaps.value?.holes ?? []) {
      if (touches(hole.nobody)) nobody += hole.cells.length
      if (touches(hole.own)) own += hole.cells.length
    }
    return { nobody, own }
  }

  /** The hours of the week with their gaps; of the running hour what is left of it. */
  readonly hours = $derived(
    (this.gaps.value?.hours ?? []).map(({ starts_at, own, nobody }) => {
      const starts = Date.parse(starts_at)
      const past = starts + HOUR_MS <= this.now
      const rest = !past && starts <= this.now ? this.gapsIn([this.now, starts + HOUR_MS]) : { own, nobody }
      return { starts_at, past, ...rest }
    }),
  )

  /** Cells with a gap at some time of a day of the week. */
  gapsOn(day: string): { nobody: number; own: number } {
    const midnight = (of: string) => wallToUtc(of, '00:00', this.zone)
    return this.gapsIn(this.from([midnight(day), midnight(addDays(day, 1))]))
  }

  take(held: Held | null): void {
    this.held = held
    this.wrong = ''
  }

  /** Something is dropped on a slot, by mouse, finger or key. */
  drop(row: BoardRow, column: Column, chip: Chip | null, held: Held | null = this.held): void {
    if (!held) return
    this.looking = { kind: 'pending', pending: { held, row, column, chip } }
    this.held = null
    this.wrong = ''
  }

  close(): void {
    this.looking = null
    this.wrong = ''
  }

  private async doing(work: () => Promise<string>): Promise<void> {
    this.busy = true
    this.wrong = ''
    this.said = ''
    try {
      this.said = await work()
      this.looking = null
    } catch (reason) {
      this.wrong =
        reason instanceof Refused ? reason.message || lang.t.staffing.failed : lang.t.staffing.unreachable
    }
    this.busy = false
    // Refused or not: what is on the screen may be old.
    await this.load()
  }

  /** Carries out what is pending. */
  confirm(pending: Pending, mode: Mode, weekdays: number[], reason: string): Promise<void> {
    const { held, row, column, chip } = pending
    const words = lang.t.staffing.done
    return this.doing(async () => {
      if (held.kind === 'duty') {
        await post(`/api/duties/${held.chip.duty.id}/changes`, {
          leaves: [held.from.code],
          takes: [row.code],
        })
        return words.moved(this.nameOf(held.chip.duty.user))
      }
      const { username, name } = held.person
      if (mode === 'stand-in' && chip) {
        const span: Span = [Math.max(chip.span[0], Date.now()), chip.span[1]]
        await post(`/api/duties/${chip.duty.id}/substitutions`, {
          username,
          reason,
          valid_from: new Date(span[0]).toISOString(),
          valid_to: new Date(span[1]).toISOString(),
          instead_of: standInsIn(chip.duty, span).map(({ id }) => id),
        })
        return words.stoodIn(name, this.nameOf(chip.duty.user))
      }
      if (mode === 'take-over' && chip) {
        await post(`/api/duties/${chip.duty.id}/changes`, { username })
        return words.tookOver(name)
      }
      await post('/api/duties', {
        username,
        role: column.role,
        units: [row.code],
        shifts: column.starts
          ? weekdays.map((weekday) => ({ weekday, starts: column.starts, ends: column.ends }))
          : [],
      })
      return words.assigned(name, cellName(row))
    })
  }

  /** A duty leaves one place; its others stay. */
  takeOff(duty: BoardDuty, row: BoardRow): Promise<void> {
    return this.doing(async () => {
      await post(`/api/duties/${duty.id}/changes`, { leaves: [row.code] })
      return lang.t.staffing.done.removed(this.nameOf(duty.user))
    })
  }

  /** `from` and `to` are local times of the city: 2026-11-22T08:00. */
  leave(user: number, from: string, to: string, username: string, reason: string): Promise<void> {
    const person = this.board.value?.people.find(({ id }) => id === user)
    const moment = (local: string) => {
      const [day = '', clock = ''] = local.split('T')
      return new Date(wallToUtc(day, clock, this.zone)).toISOString()
    }
    return this.doing(async () => {
      const { others } = await post<{ others: number }>('/api/staffing/leaves', {
        person: person?.username ?? '',
        username: username || null,
        valid_from: moment(from),
        valid_to: moment(to),
        reason,
      })
      const words = lang.t.staffing.done
      return [words.left(person?.name ?? ''), others > 0 ? words.others(others) : '']
        .filter(Boolean)
        .join(' · ')
    })
  }

  /** The substitute does not come after all; the person stays away. */
  withoutAnybody(duty: BoardDuty, standIn: StandIn): Promise<void> {
    return this.doing(async () => {
      await post(`/api/duties/${duty.id}/substitutions`, {
        username: null,
        reason: standIn.reason,
        valid_from: new Date(Math.max(Date.now(), Date.parse(standIn.valid_from))).toISOString(),
        valid_to: standIn.valid_to,
        instead_of: [standIn.id],
      })
      return lang.t.staffing.done.left(this.nameOf(duty.user))
    })
  }

  takeBack(duty: BoardDuty, standIn: StandIn): Promise<void> {
    return this.doing(async () => {
      await remove(`/api/duties/${duty.id}/substitutions/${standIn.id}`)
      return lang.t.staffing.done.cancelled
    })
  }
}
