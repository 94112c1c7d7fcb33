// A map that draws no frame too many, for machines on which a frame is dear: a wall of many pixels, software WebGL.
//
// Each step of a change (asked, answered, each tile of it) makes MapLibre draw a whole frame, though only the last
// has anything new in it: the map can hold its next frame back until what it is to show has come from the worker.
// And it leaves the page time: the next frame waits until the last one is on the screen, and after a dear one as
// long again, so that a list beside the map is not kept waiting by a stream of changes. A map that is moving draws on.
import { Map as MapLibreMap, type MapOptions } from './maplibre'

/** However long the worker takes, nothing else on the map waits longer than this. */
const LONGEST_HOLD_MS = 150
/** A frame that took longer is dear. */
const DEAR_MS = 120
const LONGEST_REST_MS = 1000

export class PatientMap extends MapLibreMap {
  private holding = 0
  /** Whether the last frame is not on the screen yet, or the page has its rest after it. */
  private resting = false
  private rest = 0
  private awaited = ''
  private wanted = false

  constructor(options: MapOptions) {
    super(options)
    this.on('render', () => this.pace())
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
    if ((this.holding || this.resting) && !this.isMoving()) this.wanted = true
    else super.triggerRepaint()
  }

  override remove(): void {
    clearTimeout(this.holding)
    clearTimeout(this.rest)
    super.remove()
  }

  /** After a frame was drawn: the browser calls back for the second time when it has room for another one. */
  private pace(): void {
    if (this.resting) return
    this.resting = true
    const began = performance.now()
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const took = performance.now() - began
        if (took < DEAR_MS) this.rested()
        else this.rest = window.setTimeout(() => this.rested(), Math.min(took, LONGEST_REST_MS))
      }),
    )
  }

  private rested(): void {
    this.resting = false
    if (!this.holding) this.drawWanted()
  }

  /** What was held for is news: it does not wait for the end of a rest as well. */
  private release(): void {
    clearTimeout(this.holding)
    this.holding = 0
    this.awaited = ''
    this.drawWanted()
  }

  private drawWanted(): void {
    if (!this.wanted) return
    this.wanted = false
    super.triggerRepaint()
  }
}
