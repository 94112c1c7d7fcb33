// The incidents that are open now: a small GeoJSON source, so that a change is drawn in the next frame.
import type { GeoJSONSource, Map as MapLibreMap } from './maplibre'
import type { Status, Theme } from './status'
import { OVERLAY } from './style-layers'
import { MAP_FONT } from './text'

export interface IncidentMark {
  number: string
  lng: number
  lat: number
  status: Status
  label: string
  /** Came in a moment ago: it is ringed (fresh-marks) until the page says otherwise. */
  fresh: boolean
}

const SOURCE = `${OVERLAY}incidents`
export const INCIDENT_MARKS = `${OVERLAY}incidents-marks`
/** Below it the tiles draw counts. */
const COUNTED_BELOW_ZOOM = 12
const RANK: Record<Status, number> = { critical: 0, serious: 1, watch: 2, notice: 3, done: 4, idle: 5 }

export class IncidentOverlay {
  private readonly map: MapLibreMap
  private marks: IncidentMark[] = []
  private hovered: string | null = null
  private visible = true
  private complete = true

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Call after each `style.load`. */
  add(theme: Theme): void {
    const { map } = this
    if (map.getSource(SOURCE)) return
    const ground = theme === 'dark' ? '#0a0f16' : '#ffffff'
    const ink = theme === 'dark' ? '#eef4fb' : '#0f1a26'
    map.addSource(SOURCE, { type: 'geojson', data: this.features(), promoteId: 'number' })
    map.addLayer({
      id: `${SOURCE}-ring`,
      type: 'circle',
      source: SOURCE,
      paint: {
        'circle-radius': 17,
        'circle-color': 'transparent',
        'circle-stroke-color': ink,
        'circle-stroke-width': ['case', ['boolean', ['feature-state', 'hover'], false], 2.5, 0],
      },
    })
    map.addLayer({
      id: INCIDENT_MARKS,
      type: 'symbol',
      source: SOURCE,
      layout: {
        'icon-image': ['concat', 'status-', ['get', 'status']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['-', 10, ['get', 'rank']],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.7, 15, 1, 18, 1.15],
        'text-field': ['step', ['zoom'], '', 16.5, ['get', 'label']],
        'text-font': MAP_FONT,
        'text-size': 12.5,
        'text-anchor': 'left',
        'text-offset': [1.1, 0],
        'text-max-width': 14,
        'text-optional': true,
      },
      paint: { 'text-color': ink, 'text-halo-color': ground, 'text-halo-width': 1.4 },
    })
    this.show(this.visible)
    this.limit()
  }

  /** Where there are too many to know them all, far views are the tiles': they count. */
  private limit(): void {
    for (const id of [`${SOURCE}-ring`, INCIDENT_MARKS])
      if (this.map.getLayer(id)) this.map.setLayerZoomRange(id, this.complete ? 0 : COUNTED_BELOW_ZOOM, 24)
  }

  set(marks: IncidentMark[], complete: boolean): void {
    this.marks = marks
    if (complete !== this.complete) {
      this.complete = complete
      this.limit()
    }
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData(this.features())
  }

  show(visible: boolean): void {
    this.visible = visible
    for (const id of [`${SOURCE}-ring`, INCIDENT_MARKS])
      if (this.map.getLayer(id)) this.map.setLayoutProperty(id, 'visibility', visible ? 'visible' : 'none')
  }

  hover(number: string | null): void {
    if (number === this.hovered || !this.map.getSource(SOURCE)) return
    if (this.hovered) this.map.removeFeatureState({ source: SOURCE, id: this.hovered })
    this.hovered = number
    if (number) this.map.setFeatureState({ source: SOURCE, id: number }, { hover: true })
  }

  private features(): GeoJSON.FeatureCollection<GeoJSON.Point> {
    return {
      type: 'FeatureCollection',
      features: this.marks.map(({ number, lng, lat, status, label }) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [lng, lat] },
        properties: { number, status, label, rank: RANK[status] },
      })),
    }
  }
}
