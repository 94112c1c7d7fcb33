// The map of a printed cell sheet as paths of an SVG: crisp on paper, and drawn without a graphics card.
import type { Surrounding } from '../api/types'

export interface Drawn {
  kind: Surrounding['kind']
  ref: string
  name: string
  name_en: string
  sort: string
  /** Empty for points. */
  path: string
  at: [number, number] | null
  /** Where a name goes. */
  middle: [number, number]
}

export interface SheetMap {
  width: number
  height: number
  things: Drawn[]
  /** Millimetres of the drawing for a metre on the ground. */
  perMetre: number
}

const METRES_PER_DEGREE = 111_195
type Ring = GeoJSON.Position[]

function ringsOf(shape: GeoJSON.Geometry): { rings: Ring[]; closed: boolean } {
  if (shape.type === 'Polygon') return { rings: shape.coordinates, closed: true }
  if (shape.type === 'MultiPolygon') return { rings: shape.coordinates.flat(), closed: true }
  if (shape.type === 'LineString') return { rings: [shape.coordinates], closed: false }
  if (shape.type === 'MultiLineString') return { rings: shape.coordinates, closed: false }
  return { rings: [], closed: false }
}

const boxOf = (points: Ring) => ({
  west: Math.min(...points.map(([x = 0]) => x)),
  east: Math.max(...points.map(([x = 0]) => x)),
  south: Math.min(...points.map(([, y = 0]) => y)),
  north: Math.max(...points.map(([, y = 0]) => y)),
})

/** Fits the cell with a margin into `width` x `height` (mm); the ground is flat at the size of a cell. */
export function sheetMap(found: Surrounding[], width: number, height: number): SheetMap | null {
  const cell = found.find(({ kind }) => kind === 'cell')
  const outer = cell ? ringsOf(cell.geometry).rings.flat() : []
  if (outer.length === 0) return null
  const box = boxOf(outer)
  const middle = [(box.west + box.east) / 2, (box.south + box.north) / 2] as const
  const squeeze = Math.cos((middle[1] * Math.PI) / 180)
  const metresWide = Math.max(1, (box.east - box.west) * squeeze * METRES_PER_DEGREE)
  const metresTall = Math.max(1, (box.north - box.south) * METRES_PER_DEGREE)
  const perMetre = 0.86 * Math.min(width / metresWide, height / metresTall)
  const place = ([lng = 0, lat = 0]: GeoJSON.Position): [number, number] => [
    width / 2 + (lng - middle[0]) * squeeze * METRES_PER_DEGREE * perMetre,
    height / 2 - (lat - middle[1]) * METRES_PER_DEGREE * perMetre,
  ]
  const things = found.map((one): Drawn => {
    const { rings, closed } = ringsOf(one.geometry)
    const lines = rings.map((ring) => ring.map(place))
    const path = lines
      .map(
        (line) => `M${line.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L')}${closed ? 'Z' : ''}`,
      )
      .join('')
    const at = one.geometry.type === 'Point' ? place(one.geometry.coordinates) : null
    const label = one.lng === null || one.lat === null ? null : place([one.lng, one.lat])
    return { ...one, path, at, middle: at ?? label ?? [0, 0] }
  })
  return { width, height, things, perMetre }
}

/** A round length in metres that is at most a quarter of the width. */
export function scaleBar(perMetre: number, width: number): number {
  const most = width / 4 / perMetre
  const ten = 10 ** Math.floor(Math.log10(most))
  return [5, 2, 1].map((step) => step * ten).find((metres) => metres <= most) ?? ten
}
