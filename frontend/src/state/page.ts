// What the parts of the map page share; made once by MapPage and handed down by context.
import { createContext } from 'svelte'
import type { Box, LngLat } from '../api/types'
import type { Desk } from './desk.svelte'
import type { IncidentBoard } from './incident-board.svelte'
import type { LayerChoice } from './layer-choice.svelte'
import type { ReportDraft } from './report-draft.svelte'

export interface PageParts {
  board: IncidentBoard
  choice: LayerChoice
  desk: Desk
  draft: ReportDraft
  flyTo(place: { at: LngLat; bbox?: Box | null; zoom?: number }): void
  centre(): LngLat | null
  focusPin(): void
  say(text: string): void
}

export const [page, setPage] = createContext<PageParts>()
