// Streets and buildings of the ground in view, from the city's own OGC features.
import { get, isAbort } from '../api/client'
import { boxOf } from './model/measure'
import { type Point, toPoint } from './model/point'
import type { Surroundings } from './model/surroundings'

const MOST = 4000

type Features = GeoJSON.FeatureCollection<GeoJSON.Geometry | null>

const places = (line: GeoJSON.Position[]): Point[] => line.map(([lng = 0, lat = 0]) => toPoint([lng, lat]))

function lines({ geometry }: Features['features'][number]): Point[][] {
  if (geometry?.type === 'LineString') return [places(geometry.coordinates)]
  if (geometry?.type === 'MultiLineString') return geometry.coordinates.map(places)
  if (geometry?.type === 'Polygon')
    return geometry.coordinates.slice(0, 1).map((ring) => places(ring.slice(0, -1)))
  if (geometry?.type === 'MultiPolygon')
    return geometry.coordinates.flatMap((polygon) =>
      polygon.slice(0, 1).map((ring) => places(ring.slice(0, -1))),
    )
  return []
}

const dwellingsOf = (said: GeoJSON.GeoJsonProperties): number | null => {
  const told: unknown = said?.households ?? said?.dwellings
  return typeof told === 'number' ? told : null
}

/** Fills `around` for a box in degrees; what is there stays when the server does not answer. */
export async function fetchSurroundings(
  around: Surroundings,
  bbox: number[],
  signal: AbortSignal,
): Promise<boolean> {
  const of = (collection: string) =>
    get<Features>(
      `/ogc/collections/${collection}/items?f=json&limit=${MOST}&bbox=${bbox.map((n) => n.toFixed(6)).join()}`,
      {
        signal,
        headers: { Accept: 'application/geo+json' },
      },
    )
  try {
    const [roads, buildings] = await Promise.all([of('road'), of('building')])
    const [west = 0, south = 0, east = 0, north = 0] = bbox
    const isAll = buildings.features.length < MOST
    around.set(
      roads.features.flatMap(lines).map((line) => ({ line })),
      buildings.features.flatMap((feature) =>
        lines(feature).map((ring) => ({ ring, dwellings: dwellingsOf(feature.properties) })),
      ),
      isAll ? boxOf([toPoint([west, south]), toPoint([east, north])]) : null,
    )
    return true
  } catch (reason) {
    if (!isAbort(reason)) console.warn('no streets and buildings to snap to', reason)
    return false
  }
}
