// What a pointer does over the map besides clicking: hovering, and pressing long on a touch screen.

import type { LngLat } from '../api/types'
import type { IncidentOverlay } from './incident-overlay'
import type { Map as MapLibreMap } from './maplibre'
import { thingsAt } from './picking'

export const REACH_PX = { mouse: 5, touch: 14 }
const LONG_PRESS_MS = 600

interface GestureHears {
  asked(at: LngLat): void
  hoveredIncident(number: string | null): void
}

/** Looked for once a frame: under a moving pointer there is something else every few milliseconds. */
export function listenToHover(map: MapLibreMap, incidents: IncidentOverlay, hears: GestureHears): void {
  let pending = 0
  map.on('mousemove', ({ point }) => {
    if (pending) return
    pending = requestAnimationFrame(() => {
      pending = 0
      if (!map.isStyleLoaded() || map.isMoving()) return
      const [first] = thingsAt(map, point.x, point.y, REACH_PX.mouse).picks
      map.getCanvas().style.cursor = first && first.kind !== 'unit' && first.kind !== 'cell' ? 'pointer' : ''
      const number = first?.kind === 'incident' ? first.ref : null
      incidents.hover(number)
      hears.hoveredIncident(number)
    })
  })
  map.on('mouseout', () => hears.hoveredIncident(null))
}

export function listenToLongPress(map: MapLibreMap, hears: GestureHears): void {
  let timer = 0
  const stop = () => clearTimeout(timer)
  map.on('touchstart', ({ lngLat, points }) => {
    stop()
    if (points.length === 1)
      timer = window.setTimeout(() => hears.asked([lngLat.lng, lngLat.lat]), LONG_PRESS_MS)
  })
  for (const event of ['touchend', 'touchcancel', 'movestart'] as const) map.on(event, stop)
}
