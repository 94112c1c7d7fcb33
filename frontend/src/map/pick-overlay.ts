// What is picked, outlined: a cell's border, a building's walls, a point's ring.
import type { GeoJSONSource, Map as MapLibreMap } from './maplibre'
import type { Theme } from './status'
import { OVERLAY } from './style-layers'

const SOURCE = `${OVERLAY}pick`
const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

export class PickOverlay {
  private readonly map: MapLibreMap
  private shown: GeoJSON.FeatureCollection = EMPTY

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Call after each `style.load`, before the incidents are added: marks lie on top. */
  add(theme: Theme): void {
    const { map } = this
    if (map.getSource(SOURCE)) return
    const bright = theme === 'dark' ? '#ffffff' : '#0b5cad'
    const casing = theme === 'dark' ? '#0a0f16' : '#ffffff'
    map.addSource(SOURCE, { type: 'geojson', data: this.shown, tolerance: 0 })
    for (const [part, colour, width] of [
      ['casing', casing, 6],
      ['line', bright, 2.5],
    ] as const)
      map.addLayer({
        id: `${SOURCE}-${part}`,
        type: 'line',
        source: SOURCE,
        filter: ['match', ['geometry-type'], ['Point', 'MultiPoint'], false, true],
        layout: { 'line-join': 'round', 'line-cap': 'round' },
        paint: { 'line-color': colour, 'line-width': width, 'line-opacity': part === 'casing' ? 0.7 : 1 },
      })
    map.addLayer({
      id: `${SOURCE}-point`,
      type: 'circle',
      source: SOURCE,
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 15,
        'circle-color': 'transparent',
        'circle-stroke-color': bright,
        'circle-stroke-width': 2.5,
      },
    })
  }

  set(geometry: GeoJSON.Geometry | null): void {
    this.shown = geometry
      ? { type: 'FeatureCollection', features: [{ type: 'Feature', geometry, properties: {} }] }
      : EMPTY
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData(this.shown)
  }
}
