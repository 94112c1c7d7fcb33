import type { LngLat } from '../api/types'
import { formatPick, type Pick } from '../map/deep-link'

export type Panel = 'incidents' | 'layers'
export type SheetHeight = 'peek' | 'half' | 'full'

/** What is open on the page. */
export class Desk {
  pick = $state.raw<Pick | null>(null)
  /** Other things under the same click. */
  alsoHere = $state.raw<Pick[]>([])
  /** Geometry of what is picked, told by its card; the map outlines it. */
  outline = $state.raw<GeoJSON.Geometry | null>(null)
  reporting = $state(false)
  /** An incident whose pin is being corrected, and where the pin is. */
  placing = $state.raw<{ number: string; at: LngLat } | null>(null)
  panel = $state<Panel>('incidents')
  sheet = $state<SheetHeight>('peek')
  /** The panel of layers, on a desk; a narrow one begins without it. */
  leftOpen = $state(matchMedia('(min-width: 62rem)').matches)

  constructor(pick: Pick | null) {
    this.pick = pick
    if (pick) this.sheet = 'half'
  }

  open(pick: Pick, alsoHere: Pick[] = []): void {
    if (!this.pick || formatPick(pick) !== formatPick(this.pick)) this.outline = null
    this.pick = pick
    this.alsoHere = alsoHere
    this.placing = null
    this.reporting = false
    if (this.sheet === 'peek') this.sheet = 'half'
  }

  close(): void {
    this.pick = null
    this.alsoHere = []
    this.outline = null
    this.placing = null
  }

  report(): void {
    this.close()
    this.reporting = true
    this.sheet = 'half'
  }

  show(panel: Panel): void {
    this.panel = panel
    this.close()
    this.reporting = false
    if (this.sheet === 'peek') this.sheet = 'half'
  }
}
