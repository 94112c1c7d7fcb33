// Buildings as blocks, from the same tiles as their footprints.
import type { ExpressionSpecification, Map as MapLibreMap } from './maplibre'
import type { Theme } from './status'
import { OVERLAY, publishedLayerOf } from './style-layers'

const LAYER = `${OVERLAY}buildings-3d`
export const BUILDINGS_3D_FROM_ZOOM = 15.5
const STOREY_M = 3.2
const PITCH = 52

// A building without a height stands as two storeys, so that it is seen and deceives nobody.
const HEIGHT: ExpressionSpecification = [
  'coalesce',
  ['get', 'height_m'],
  ['get', 'height'],
  ['*', ['coalesce', ['get', 'levels'], 2], STOREY_M],
]

/** Puts the blocks on the map or takes them off. False when the style has no buildings to raise. */
export function showBlocks(map: MapLibreMap, on: boolean, theme: Theme): boolean {
  const layers = map.getStyle()?.layers ?? []
  const footprint = layers.find((layer) => publishedLayerOf(layer) === 'buildings' && layer.type === 'fill')
  for (const layer of layers)
    if (layer.type === 'fill-extrusion' && publishedLayerOf(layer) === 'buildings')
      map.setLayoutProperty(layer.id, 'visibility', on ? 'visible' : 'none')
  if (map.getLayer(LAYER)) {
    if (!on) map.removeLayer(LAYER)
    return true
  }
  if (!footprint || !('source' in footprint) || layers.some((layer) => layer.type === 'fill-extrusion'))
    return layers.some((layer) => layer.type === 'fill-extrusion')
  if (!on) return true
  const firstSymbol = layers.find((layer) => layer.type === 'symbol')?.id
  map.addLayer(
    {
      id: LAYER,
      type: 'fill-extrusion',
      source: footprint.source,
      'source-layer': 'buildings',
      minzoom: BUILDINGS_3D_FROM_ZOOM,
      paint: {
        'fill-extrusion-color': theme === 'dark' ? '#2b3f55' : '#c3ceda',
        'fill-extrusion-opacity': theme === 'dark' ? 0.9 : 0.85,
        'fill-extrusion-height': [
          'interpolate',
          ['linear'],
          ['zoom'],
          BUILDINGS_3D_FROM_ZOOM,
          0,
          BUILDINGS_3D_FROM_ZOOM + 0.4,
          HEIGHT,
        ],
        'fill-extrusion-vertical-gradient': true,
      },
    },
    firstSymbol,
  )
  return true
}

export const pitchFor = (on: boolean): number => (on ? PITCH : 0)
