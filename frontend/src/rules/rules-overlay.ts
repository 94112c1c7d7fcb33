// What the page of rules draws over the city: communities by what no rule answers, managed areas, an outline in work.
import type { LngLat } from '../api/types'
import type { GeoJSONSource, Map as MapLibreMap } from '../map/maplibre'
import { COLOUR_OF, type Theme } from '../map/status'
import { OVERLAY } from '../map/style-layers'

const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }
const PARTS = ['gaps', 'areas', 'drawing'] as const
type Part = (typeof PARTS)[number]
const sourceOf = (part: Part) => `${OVERLAY}rules-${part}`

export interface DrawnArea {
  id: number
  name: string
  effect: string
  ring: LngLat[]
}

export class RulesOverlay {
  private readonly map: MapLibreMap
  private readonly shown: Record<Part, GeoJSON.FeatureCollection> = {
    gaps: EMPTY,
    areas: EMPTY,
    drawing: EMPTY,
  }

  constructor(map: MapLibreMap) {
    this.map = map
  }

  /** Call after each style that has come. */
  add(theme: Theme): void {
    const { map } = this
    if (map.getSource(sourceOf('gaps'))) return
    const colours = COLOUR_OF[theme]
    const text = theme === 'dark' ? '#eef4fb' : '#0f1a26'
    const halo = theme === 'dark' ? '#0a0f16' : '#ffffff'
    for (const part of PARTS)
      map.addSource(sourceOf(part), { type: 'geojson', data: this.shown[part], tolerance: 0 })
    map.addLayer({
      id: `${sourceOf('gaps')}-fill`,
      type: 'fill',
      source: sourceOf('gaps'),
      paint: {
        'fill-color': colours.serious,
        'fill-antialias': false,
        'fill-opacity': ['interpolate', ['linear'], ['get', 'share'], 0, 0, 1, 0.55],
      },
    })
    map.addLayer({
      id: `${sourceOf('areas')}-fill`,
      type: 'fill',
      source: sourceOf('areas'),
      paint: {
        'fill-color': [
          'match',
          ['get', 'effect'],
          'permit',
          colours.done,
          'notice',
          colours.notice,
          colours.watch,
        ],
        'fill-opacity': 0.22,
      },
    })
    map.addLayer({
      id: `${sourceOf('areas')}-line`,
      type: 'line',
      source: sourceOf('areas'),
      paint: {
        'line-color': [
          'match',
          ['get', 'effect'],
          'permit',
          colours.done,
          'notice',
          colours.notice,
          colours.watch,
        ],
        'line-width': 2.5,
      },
    })
    map.addLayer({
      id: `${sourceOf('areas')}-name`,
      type: 'symbol',
      source: sourceOf('areas'),
      layout: {
        'text-field': ['get', 'label'],
        'text-font': ['Noto Sans CJK SC', 'sans-serif'],
        'text-size': 13,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': text, 'text-halo-color': halo, 'text-halo-width': 1.6 },
    })
    map.addLayer({
      id: `${sourceOf('drawing')}-line`,
      type: 'line',
      source: sourceOf('drawing'),
      paint: { 'line-color': text, 'line-width': 2.5, 'line-dasharray': [2, 1.5] },
    })
    map.addLayer({
      id: `${sourceOf('drawing')}-corners`,
      type: 'circle',
      source: sourceOf('drawing'),
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 6,
        'circle-color': halo,
        'circle-stroke-color': text,
        'circle-stroke-width': 2.5,
      },
    })
  }

  private set(part: Part, features: GeoJSON.Feature[]): void {
    this.shown[part] = { type: 'FeatureCollection', features }
    this.map.getSource<GeoJSONSource>(sourceOf(part))?.setData(this.shown[part])
  }

  /** Communities with how many classes have no rule there. */
  gaps(communities: GeoJSON.Feature[], counts: ReadonlyMap<string, number>): void {
    const most = Math.max(1, ...counts.values())
    this.set(
      'gaps',
      communities.flatMap((one) => {
        const count = counts.get(String(one.properties?.code)) ?? 0
        return count ? [{ ...one, properties: { ...one.properties, share: count / most } }] : []
      }),
    )
  }

  areas(areas: DrawnArea[], word: (effect: string) => string): void {
    this.set(
      'areas',
      areas.map(({ id, name, effect, ring }) => ({
        type: 'Feature',
        id,
        geometry: { type: 'Polygon', coordinates: [ring] },
        properties: { effect, label: `${name}\n${word(effect)}` },
      })),
    )
  }

  /** The corners so far, and the line that they make. */
  drawing(corners: LngLat[] | null): void {
    const found = corners ?? []
    const ring = found.length > 2 ? [...found, found[0] as LngLat] : found
    const line: GeoJSON.Feature[] =
      ring.length > 1
        ? [{ type: 'Feature', geometry: { type: 'LineString', coordinates: ring }, properties: {} }]
        : []
    this.set('drawing', [
      ...line,
      ...found.map(
        (at): GeoJSON.Feature => ({
          type: 'Feature',
          geometry: { type: 'Point', coordinates: at },
          properties: {},
        }),
      ),
    ])
  }
}
