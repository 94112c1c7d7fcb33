// Outlines and lines as SVG paths. Pure.

interface Box {
  west: number
  south: number
  east: number
  north: number
}

type Ring = number[][]

function ringsOf(geometry: GeoJSON.Geometry | null): Ring[] {
  if (geometry?.type === 'Polygon') return geometry.coordinates
  if (geometry?.type === 'MultiPolygon') return geometry.coordinates.flat()
  return []
}

export function boxOf(features: GeoJSON.Feature[]): Box {
  const box: Box = { west: 180, south: 90, east: -180, north: -90 }
  for (const { geometry } of features)
    for (const ring of ringsOf(geometry))
      for (const [x = 0, y = 0] of ring) {
        box.west = Math.min(box.west, x)
        box.east = Math.max(box.east, x)
        box.south = Math.min(box.south, y)
        box.north = Math.max(box.north, y)
      }
  return box
}

export const WIDTH = 1000

/** A drawing `WIDTH` units wide: degrees east are shorter than degrees north by the cosine of the latitude. */
export function drawingOf(features: GeoJSON.Feature[]) {
  const box = boxOf(features)
  const squeeze = Math.cos((((box.south + box.north) / 2) * Math.PI) / 180)
  const scale = WIDTH / Math.max((box.east - box.west) * squeeze, 1e-9)
  const height = Math.max((box.north - box.south) * scale, 1)
  const place = ([x = 0, y = 0]: number[]) =>
    `${((x - box.west) * squeeze * scale).toFixed(1)} ${((box.north - y) * scale).toFixed(1)}`
  const pathOf = (geometry: GeoJSON.Geometry | null) =>
    ringsOf(geometry)
      .map((ring) => `M${ring.map(place).join('L')}Z`)
      .join('')
  return {
    height,
    shapes: features.map((feature) => ({
      code: String(feature.properties?.code ?? ''),
      path: pathOf(feature.geometry),
    })),
  }
}

/** A line through values from 0 to 1 in a box; it breaks where there is none. */
export function lineOf(values: (number | null)[], width: number, height: number, least = 0): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0
  let path = ''
  let drawn = false
  values.forEach((value, at) => {
    if (value === null) {
      drawn = false
      return
    }
    const y = height * (1 - (value - least) / Math.max(1 - least, 1e-9))
    path += `${drawn ? 'L' : 'M'}${(at * step).toFixed(1)} ${y.toFixed(1)}`
    drawn = true
  })
  return path
}
