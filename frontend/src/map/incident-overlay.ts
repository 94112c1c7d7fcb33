// The incidents that are open now: a small GeoJSON source, so that a change is drawn in the next frame.
import type { GeoJSONSource } from './maplibre'
import { changesBetween, featureOf, type IncidentMark } from './mark-changes'
import type { PatientMap } from './patient-map'
import type { Theme } from './status'
import { OVERLAY } from './style-layers'
import { MAP_FONT } from './text'

const SOURCE = `${OVERLAY}incidents`
export const INCIDENT_MARKS = `${OVERLAY}incidents-marks`
/** Below it the tiles draw counts. */
const COUNTED_BELOW_ZOOM = 12
const MANY = 200

export class IncidentOverlay {
  private readonly map: PatientMap
  private marks: IncidentMark[] = []
  private hovered: string | null = null
  private visible = true
  private complete = true

  constructor(map: PatientMap) {
    this.map = map
  }

  /** Call after each `style.load`. */
  add(theme: Theme, leastText: number): void {
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
        'text-size': Math.max(12.5, leastText),
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
    const changes = changesBetween(this.marks, marks)
    this.marks = marks
    if (complete !== this.complete) {
      this.complete = complete
      this.limit()
    }
    const source = this.map.getSource<GeoJSONSource>(SOURCE)
    if (!changes || !source) return
    // A new city's worth at once is quicker as a whole; one incident makes only its own tiles anew.
    const many = (changes.add?.length ?? 0) + (changes.remove?.length ?? 0) > MANY
    this.map.holdFor(SOURCE)
    void (many ? source.setData(this.features()) : source.updateData(changes))
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
    return { type: 'FeatureCollection', features: this.marks.map(featureOf) }
  }
}
