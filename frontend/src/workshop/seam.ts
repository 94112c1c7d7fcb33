// What the workshop asks of the server. Grids travel as whole numbers of 2^-27 degree.
import { get, post, query } from '../api/client'
import type { EditBody } from './edit-body'
import type { CellKey, DrawnCell } from './model/coverage'
import type { LintRules } from './model/lint'
import type { Point } from './model/point'

export interface GridCell {
  id: number | null
  key: CellKey
  code: string
  name: string
  name_en: string
  kind: string
  households: number | null
  community_id: number
  version: number
  from: number[]
  rings: Point[][]
}

export interface Community {
  id: number
  code: string
  name: string
  name_en: string
  street_id: number | null
  street_code: string
  street_name: string
}

export interface GridAnswer {
  edition: { id: number; name: string; opened_at: string }
  cells: GridCell[]
  communities: Community[]
  /** Of a draft: the number of its last edit. */
  number?: number
}

export type DraftStage = 'DRAFT' | 'IN_REVIEW' | 'APPROVED' | 'PUBLISHED' | 'DISCARDED'

export interface Draft {
  id: number
  name: string
  note: string
  unit_code: string
  stage: DraftStage
  base: { id: number; name: string; opened_at: string }
  made_by: { username: string; display_name: string }
  made_at: string
  edits_made: number
  approved_by: { username: string; display_name: string } | null
  review_note: string
  publish_at: string | null
  refused: string
}

export interface DraftConflict {
  key: CellKey
  code: string
  by: string
  at: string | null
  is_gone: boolean
  is_conflict: boolean
}

/** A draft with what others published since it was based. */
export interface OneDraft extends Draft {
  is_behind: boolean
  people: { username: string; display_name: string }[]
  conflicts: DraftConflict[]
}

/** What stands in a cell, or in all cells of a worker. */
export interface Figures {
  households: number | null
  counted_households: number
  buildings: number
  assets: number
  assets_by_class: Record<string, number>
  incidents_a_week: number
  street_m: number
  walking_min: number
  area_m2: number
}

export interface Comparison {
  cells: { key: CellKey; code: string; before: Figures | null; after: Figures | null }[]
  workers: { user_id: number; name: string; before: Figures; after: Figures }[]
  balance: {
    cells: { before: number | null; after: number | null }
    workers: { before: number | null; after: number | null }
  }
}

/** Of a draft: number and versions. Of what is in force: the cells as they are now. */
export interface Saved {
  number?: number
  versions?: Record<CellKey, number>
  cells?: Record<CellKey, { id: number; code: string | null; version: number | null }>
}

export interface Conflict {
  key: CellKey
  yours: number
  theirs: number
  by: string
  at: string | null
}

export interface FeedEntry {
  number: number
  title: string
  by: string
  username: string
  at: string
  keys: CellKey[]
  versions: Record<CellKey, number>
}

/** Bounds of the check, and the unit codes of each responsibility grid on one's ground. */
export type CityRules = LintRules & { grids: string[][] }

export interface Edition {
  id: number
  name: string
  opened_at: string
  author: string
  is_automatic: boolean
  is_in_force: boolean
}

/** Incidents of a period in one cell; without a code: where no cell is. */
export interface CellIncidents {
  code: string
  received: number
  filed: number
  closed: number
}

const address = (draft: number | null) => (draft === null ? '/api/workshop' : `/api/workshop/drafts/${draft}`)

/** `draft` null: what is in force. */
export const readGrid = (draft: number | null) => get<GridAnswer>(`${address(draft)}/grid`)
export const readDrafts = () => get<Draft[]>('/api/workshop/drafts')
export const readDraft = (id: number) => get<OneDraft>(address(id))
export const readComparison = (id: number) => get<Comparison>(`${address(id)}/compare`)
export const readFigures = (cells: { key: CellKey; rings: Point[][] }[], signal: AbortSignal) =>
  post<{ figures: Record<CellKey, Figures> }>('/api/workshop/figures', { cells }, { signal })
export type Step = 'review' | 'approve' | 'return' | 'discard'
export const takeStep = (id: number, step: Step, note: string) =>
  post<void>(`${address(id)}/${step}`, { note })
export const publish = (id: number, at: string | null, reason: string) =>
  post<unknown>(`${address(id)}/publish`, { at, reason })
export const rebase = (id: number, drop: CellKey[]) =>
  post<{ given_up: CellKey[] }>(`${address(id)}/rebase`, { drop })
export const makeDraft = (name: string, note: string) => post<Draft>('/api/workshop/drafts', { name, note })
export const sendEdit = (draft: number | null, body: EditBody) => post<Saved>(`${address(draft)}/edits`, body)
export const readFeed = (draft: number, after: number) =>
  get<FeedEntry[]>(`${address(draft)}/feed?after=${after}`)

export const readRules = () => get<CityRules>('/api/workshop/rules')
export const readEditions = (automatic: boolean) =>
  get<Edition[]>(`/api/workshop/editions${automatic ? '?automatic=true' : ''}`)
export const readEditionGrid = (id: number) => get<GridAnswer>(`/api/workshop/editions/${id}/grid`)
export const restoreEdition = (id: number, reason: string) =>
  post<unknown>(`/api/workshop/editions/${id}/restore`, { reason })
export const readStatistics = (since: string, until: string, cells: 'was' | 'is') =>
  get<CellIncidents[]>(`/api/workshop/statistics${query({ since, until, cells })}`)

export const drawnOf = (cell: GridCell): DrawnCell => ({
  key: cell.key,
  code: cell.code,
  name: cell.name,
  kind: cell.kind,
  households: cell.households,
  community: cell.community_id,
  from: cell.from,
  rings: cell.rings,
})
