// What is different between two lists of marks, as a source of GeoJSON wants to be told it: then only the tiles
// that a change touches are made anew, and a list that says the same again costs nothing.
import type { GeoJSONSourceDiff } from './maplibre'
import { RANK_OF, type Status } from './status'

export interface IncidentMark {
  number: string
  lng: number
  lat: number
  status: Status
  label: string
  /** Came in a moment ago: it is ringed (fresh-marks) until the page says otherwise. */
  fresh: boolean
}

type Point = GeoJSON.Feature<GeoJSON.Point>

export const featureOf = ({ number, lng, lat, status, label }: IncidentMark): Point => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [lng, lat] },
  properties: { number, status, label, rank: RANK_OF[status] },
})

const looksSame = (one: IncidentMark, other: IncidentMark) =>
  one.lng === other.lng && one.lat === other.lat && one.status === other.status && one.label === other.label

/** The marks to take away and to put there, or null when the drawing stays as it is. */
export function changesBetween(
  before: readonly IncidentMark[],
  after: readonly IncidentMark[],
): GeoJSONSourceDiff | null {
  const drawn = new Map(before.map((mark) => [mark.number, mark]))
  const remove: string[] = []
  const add: Point[] = []
  for (const mark of after) {
    const known = drawn.get(mark.number)
    drawn.delete(mark.number)
    if (known && looksSame(known, mark)) continue
    // Taken away and put back, so that the tile it leaves is made anew as well.
    if (known) remove.push(mark.number)
    add.push(featureOf(mark))
  }
  remove.push(...drawn.keys())
  return remove.length + add.length > 0 ? { remove, add } : null
}
