// A map of some features over the city's own style. A click on one opens its page.
import { type FeedTokens, withToken } from '../api/feed-token'
import { addBaseArchives } from './base-archives'
import { hasWebgl } from './city-map'
import { supplyIcons } from './icon-images'
import { LngLatBounds, Map as MapLibreMap, NavigationControl, ScaleControl } from './maplibre'

const MARGIN_PX = 32
const CLOSEST = 17
const COLOUR = '#b3123b'
const OWN = ['shown-areas', 'shown-edges', 'shown-points']

type Coordinates = number | Coordinates[]

const reach = (coordinates: Coordinates[], bounds: LngLatBounds): LngLatBounds => {
  const [x, y] = coordinates
  if (typeof x === 'number' && typeof y === 'number') return bounds.extend([x, y])
  for (const inner of coordinates) if (Array.isArray(inner)) reach(inner, bounds)
  return bounds
}

const boundsOf = (features: GeoJSON.Feature[]): LngLatBounds => {
  const bounds = new LngLatBounds()
  for (const { geometry } of features)
    if (geometry && 'coordinates' in geometry) reach(geometry.coordinates as Coordinates[], bounds)
  return bounds
}

export function showFeatures(
  container: HTMLElement,
  collection: GeoJSON.FeatureCollection,
  tokens: FeedTokens,
): void {
  const bounds = boundsOf(collection.features)
  if (bounds.isEmpty() || !hasWebgl()) {
    container.hidden = true
    return
  }
  addBaseArchives(tokens)
  const language = document.documentElement.lang === 'zh' ? 'zh' : 'en'
  const map = new MapLibreMap({
    container,
    style: `${location.origin}/tiles/style/light.json?lang=${language}`,
    bounds,
    fitBoundsOptions: { padding: MARGIN_PX, maxZoom: CLOSEST },
    attributionControl: false,
    fadeDuration: 0,
    cooperativeGestures: true,
    transformRequest: async (url) => {
      const address = new URL(url, location.href)
      const ours = address.origin === location.origin && /^\/(tiles|base)\//.test(address.pathname)
      return { url: ours ? withToken(address.href, await tokens.get()) : url }
    },
  })
  supplyIcons(map, () => 'light')
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-right')
  map.once('style.load', () => {
    map.addSource('shown', { type: 'geojson', data: collection })
    map.addLayer({
      id: 'shown-areas',
      type: 'fill',
      source: 'shown',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': COLOUR, 'fill-opacity': 0.18 },
    })
    map.addLayer({
      id: 'shown-edges',
      type: 'line',
      source: 'shown',
      filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': COLOUR, 'line-width': 2 },
    })
    map.addLayer({
      id: 'shown-points',
      type: 'circle',
      source: 'shown',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': COLOUR,
        'circle-radius': 5,
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 1.5,
      },
    })
    container.dataset.drawn = 'yes'
  })
  const items = container.dataset.items
  if (!items) return
  map.on('click', (event) => {
    const [found] = map.queryRenderedFeatures(event.point, { layers: OWN.filter((id) => map.getLayer(id)) })
    if (found?.id !== undefined) location.href = `${items}/${found.id}`
  })
}
