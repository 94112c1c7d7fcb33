// Open incidents, of now or of a moment in replay, as marks on the wall's map and as lines of its list.

import type { IncidentRow } from '../api/types'
import { named } from '../i18n/index.svelte'
import type { IncidentMark } from '../map/mark-changes'
import { statusOf } from '../map/status'
import type { TickerRow } from './IncidentsPanel.svelte'

export interface Row {
  number: string
  stage: string
  lng: number | null
  lat: number | null
  class_zh: string
  class_en: string
  description?: string
  location_text: string
  cell?: { code: string; name: string; name_en: string } | null
  reported_at: string
  deadline_at: string | null
  is_simulated: boolean
}

const MOST_LINES = 40
const className = (row: Row) => named(row.class_zh, row.class_en)

/** `at`: the moment whose statuses are shown; `fresh`: the numbers of those that have just come in. */
export const marksOf = (rows: readonly Row[], at: number, fresh: ReadonlySet<string>): IncidentMark[] =>
  rows.flatMap((row) =>
    row.lng === null || row.lat === null
      ? []
      : [
          {
            number: row.number,
            lng: row.lng,
            lat: row.lat,
            status: statusOf(row, at),
            label: className(row),
            fresh: fresh.has(row.number),
          },
        ],
  )

/** Who has the newest open incident of a place, by the place's name (alarms name their waterlogging point). */
export const helpersOf = (rows: readonly IncidentRow[]): ReadonlyMap<string, string> => {
  const oldestFirst = [...rows].sort((a, b) => a.reported_at.localeCompare(b.reported_at))
  return new Map(
    oldestFirst.flatMap(({ location_text, worker }) =>
      location_text && worker ? [[location_text, worker]] : [],
    ),
  )
}

export const tickerOf = (rows: readonly Row[], at: number, fresh: ReadonlySet<string>): TickerRow[] =>
  rows.slice(0, MOST_LINES).map((row) => ({
    number: row.number,
    title: className(row) || (row.description ?? '') || row.number,
    place:
      [named(row.cell?.name, row.cell?.name_en), row.location_text].filter(Boolean).join(' · ') || row.number,
    stage: row.stage,
    status: statusOf(row, at),
    reported_at: row.reported_at,
    fresh: fresh.has(row.number),
  }))
