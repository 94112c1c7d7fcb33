// A map that can hold its next frame back until what it is to show has come from the worker.
//
// Each step of a change (asked, answered, each tile of it) makes MapLibre draw a whole frame, though only the last
// has anything new in it. On a wall, or where WebGL is software, those frames are what the new mark waits for.
import { Map as MapLibreMap, type MapOptions } from './maplibre'

/** However long the worker takes, nothing else on the map waits longer than this. */
const LONGEST_HOLD_MS = 150

export class PatientMap extends MapLibreMap {
  private holding = 0
  private awaited = ''
  private wanted = false

  constructor(options: MapOptions) {
    super(options)
    // Pieces cut from a tile for views nearer than it are kept by the tile's address, and never looked at again:
    // what changed would not be seen there. Without cutting, the tile itself is drawn larger.
    this._zoomLevelsToOverscale = undefined
    this.on('sourcedata', ({ sourceId, sourceDataType }) => {
      // Word that the worker has the data comes before the tiles that it touches are asked for.
      if (sourceId !== this.awaited || sourceDataType === 'metadata') return
      queueMicrotask(() => {
        if (this.awaited && this.isSourceLoaded(this.awaited)) this.release()
      })
    })
  }

  /** Call after the data of this source was changed. A map that is moving draws on. */
  holdFor(source: string): void {
    this.awaited = source
    // A hold is never made longer: in a stream of changes the map would stand still for as long as it flows.
    this.holding ||= window.setTimeout(() => this.release(), LONGEST_HOLD_MS)
  }

  override triggerRepaint(): void {
    if (this.holding && !this.isMoving()) this.wanted = true
    else super.triggerRepaint()
  }

  override remove(): void {
    clearTimeout(this.holding)
    super.remove()
  }

  private release(): void {
    clearTimeout(this.holding)
    this.holding = 0
    this.awaited = ''
    if (!this.wanted) return
    this.wanted = false
    super.triggerRepaint()
  }
}
