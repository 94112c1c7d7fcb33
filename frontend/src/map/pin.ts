// The pin of a report: dragged with a finger or the mouse, moved with the arrow keys when it has the focus.
import type { LngLat } from '../api/types'
import { type Map as MapLibreMap, Marker } from './maplibre'

const STEP_PX = 4
const LONG_STEP_PX = 40
const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export class Pin {
  private readonly map: MapLibreMap
  private marker: Marker | null = null
  private moved: ((at: LngLat) => void) | null = null

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Shows the pin at a place; `moved` hears where the user puts it. */
  show(at: LngLat, label: string, moved: (at: LngLat) => void): void {
    this.moved = moved
    if (!this.marker) {
      this.marker = new Marker({ draggable: true, color: '#f0403d', scale: 1.25 })
      const element = this.marker.getElement()
      element.tabIndex = 0
      element.classList.add('report-pin')
      element.setAttribute('role', 'slider')
      element.addEventListener('keydown', (event) => this.onKey(event))
      this.marker.on('dragend', () => this.tell())
      this.marker.setLngLat(at).addTo(this.map)
    } else this.marker.setLngLat(at)
    this.describe(label, at)
  }

  hide(): void {
    this.marker?.remove()
    this.marker = null
    this.moved = null
  }

  focus(): void {
    this.marker?.getElement().focus()
  }

  private describe(label: string, [lng, lat]: LngLat): void {
    const element = this.marker?.getElement()
    element?.setAttribute('aria-label', label)
    element?.setAttribute('aria-valuenow', '0')
    element?.setAttribute('aria-valuetext', `${lat.toFixed(5)}, ${lng.toFixed(5)}`)
  }

  private onKey(event: KeyboardEvent): void {
    const step = KEYS[event.key]
    if (!step || !this.marker) return
    event.preventDefault()
    event.stopPropagation()
    const length = event.shiftKey ? LONG_STEP_PX : STEP_PX
    const from = this.map.project(this.marker.getLngLat())
    this.marker.setLngLat(this.map.unproject([from.x + step[0] * length, from.y + step[1] * length]))
    this.tell()
  }

  private tell(): void {
    if (!this.marker) return
    const { lng, lat } = this.marker.getLngLat()
    const at: LngLat = [Number(lng.toFixed(7)), Number(lat.toFixed(7))]
    this.marker.getElement().setAttribute('aria-valuetext', `${lat.toFixed(5)}, ${lng.toFixed(5)}`)
    this.moved?.(at)
  }
}
