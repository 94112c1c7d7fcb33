// What lies under a click, the most particular thing first.

import type { Pick } from './deep-link'
import { INCIDENT_MARKS } from './incident-overlay'
import type { MapGeoJSONFeature, Map as MapLibreMap, PointLike } from './maplibre'
import { publishedLayerOf } from './style-layers'

// A street lies under most clicks at a cell: it is offered beside the cell, not before it.
const ORDER = ['incident', 'asset', 'building', 'cell', 'road', 'unit'] as const
type Kind = (typeof ORDER)[number]

const KIND_OF: Record<string, Kind> = {
  incidents: 'incident',
  assets: 'asset',
  buildings: 'building',
  roads: 'road',
  cells: 'cell',
  communities: 'unit',
  streets: 'unit',
  districts: 'unit',
}

export interface Under {
  picks: Pick[]
  /** A group of many that opens when one comes nearer. */
  group: boolean
}

function refOf(
  kind: Kind,
  properties: Record<string, unknown>,
  id: string | number | undefined,
): string | null {
  const value =
    kind === 'incident'
      ? properties.number
      : kind === 'building' || kind === 'road'
        ? (properties.id ?? id)
        : properties.code
  return value === undefined || value === null || value === '' ? null : String(value)
}

function kindOf(feature: MapGeoJSONFeature): Kind | null {
  if (feature.layer.id === INCIDENT_MARKS) return 'incident'
  const published = publishedLayerOf(feature.layer)
  return published ? (KIND_OF[published] ?? null) : null
}

const countOf = (properties: Record<string, unknown>): number =>
  Number(properties.count ?? properties.point_count ?? properties.n ?? 0)

/** Things within `reach` pixels of a point of the screen. */
export function thingsAt(map: MapLibreMap, x: number, y: number, reach: number): Under {
  const box: [PointLike, PointLike] = [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ]
  const found = new Map<string, { pick: Pick; rank: number }>()
  let group = false
  const exact = map.queryRenderedFeatures([x, y])
  for (const feature of [...map.queryRenderedFeatures(box), ...exact]) {
    const kind = kindOf(feature)
    if (!kind) continue
    const ref = refOf(kind, feature.properties, feature.id)
    if (!ref) {
      group ||= (kind === 'asset' || kind === 'incident') && countOf(feature.properties) > 1
      continue
    }
    // Areas count only where they are hit exactly; points and lines also nearby.
    const area = kind === 'cell' || kind === 'unit' || kind === 'building'
    if (area && !exact.some((hit) => kindOf(hit) === kind && refOf(kind, hit.properties, hit.id) === ref))
      continue
    const key = `${kind}:${ref}`
    if (!found.has(key)) found.set(key, { pick: { kind, ref }, rank: ORDER.indexOf(kind) })
  }
  const picks = [...found.values()].sort((a, b) => a.rank - b.rank).map(({ pick }) => pick)
  return { picks, group: group && !picks.some((pick) => pick.kind === 'incident' || pick.kind === 'asset') }
}
