// What the workshop asks of the server. Grids travel as whole numbers of 2^-27 degree.
import { get, post } from '../api/client'
import type { EditBody } from './edit-body'
import type { CellKey, DrawnCell } from './model/coverage'
import type { Point } from './model/point'

export interface GridCell {
  id: number | null
  key: CellKey
  code: string
  name: string
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
}

export interface Saved {
  number: number
  versions: Record<CellKey, number>
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

const address = (draft: number | null) => (draft === null ? '/api/workshop' : `/api/workshop/drafts/${draft}`)

/** `draft` null: what is in force. */
export const readGrid = (draft: number | null) => get<GridAnswer>(`${address(draft)}/grid`)
export const readDrafts = () => get<Draft[]>('/api/workshop/drafts')
export const readDraft = (id: number) => get<Draft>(address(id))
export const makeDraft = (name: string, note: string) => post<Draft>('/api/workshop/drafts', { name, note })
export const sendEdit = (draft: number | null, body: EditBody) => post<Saved>(`${address(draft)}/edits`, body)
export const readFeed = (draft: number, after: number) =>
  get<FeedEntry[]>(`${address(draft)}/feed?after=${after}`)

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
