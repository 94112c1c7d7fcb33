// Waterlogging points on the map: the band by shape and colour, its depth always beside it, and the water around it.
import type { WaterPoint } from '../wall/water'
import type { GeoJSONSource, Map as MapLibreMap } from './maplibre'
import { RANK_OF, type Theme } from './status'
import { OVERLAY } from './style-layers'
import { MAP_FONT } from './text'

const SOURCE = `${OVERLAY}water`
const GROUND = `${OVERLAY}inundation`
export const WATER_MARKS = `${SOURCE}-marks`
const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

export class WaterOverlay {
  private readonly map: MapLibreMap
  private shown: GeoJSON.FeatureCollection = EMPTY
  private flooded: GeoJSON.FeatureCollection = EMPTY

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Call after each `style.load`. */
  add(theme: Theme, leastText: number): void {
    const { map } = this
    if (map.getSource(SOURCE)) return
    const ground = theme === 'dark' ? '#0a0f16' : '#ffffff'
    const ink = theme === 'dark' ? '#eef4fb' : '#0f1a26'
    map.addSource(GROUND, { type: 'geojson', data: this.flooded })
    map.addLayer({
      id: GROUND,
      type: 'fill',
      source: GROUND,
      paint: { 'fill-color': '#2f7fd0', 'fill-opacity': 0.45, 'fill-outline-color': '#65b3fe' },
    })
    map.addSource(SOURCE, { type: 'geojson', data: this.shown })
    map.addLayer({
      id: `${SOURCE}-ring`,
      type: 'circle',
      source: SOURCE,
      paint: {
        'circle-radius': 16,
        'circle-color': ground,
        'circle-opacity': 0.85,
        'circle-stroke-color': '#65b3fe',
        'circle-stroke-width': 2,
      },
    })
    map.addLayer({
      id: WATER_MARKS,
      type: 'symbol',
      source: SOURCE,
      layout: {
        'icon-image': ['concat', 'status-', ['get', 'band']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['-', 10, ['get', 'rank']],
        'text-field': ['get', 'depth'],
        'text-font': MAP_FONT,
        'text-size': Math.max(14, leastText),
        'text-anchor': 'left',
        'text-offset': [1.5, 0],
        'text-allow-overlap': true,
      },
      paint: { 'text-color': ink, 'text-halo-color': ground, 'text-halo-width': 2 },
    })
  }

  set(points: readonly WaterPoint[]): void {
    this.shown = {
      type: 'FeatureCollection',
      features: points.map(({ code, lng, lat, band, depth_cm, stale }) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [lng, lat] },
        properties: {
          code,
          band: stale ? 'idle' : band,
          rank: RANK_OF[stale ? 'idle' : band],
          depth: depth_cm === null || stale ? '' : `${Math.round(depth_cm)} cm`,
        },
      })),
    }
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData(this.shown)
  }

  /** Where the water stands, as polygons. */
  flood(polygons: GeoJSON.FeatureCollection): void {
    this.flooded = polygons
    this.map.getSource<GeoJSONSource>(GROUND)?.setData(polygons)
  }
}
