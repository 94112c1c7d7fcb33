// #map=16.2/60.17/24.94/30/45&layers=cells.assets&pick=asset:9990010100000001
// Everything a colleague needs to see what I see; the part of the address that never reaches the server.
import type { LngLat } from '../api/types'

const KINDS = ['asset', 'cell', 'unit', 'building', 'incident', 'road'] as const

export type Pick = { kind: (typeof KINDS)[number]; ref: string } | { kind: 'place'; at: LngLat }

export interface View {
  zoom: number
  lat: number
  lng: number
  bearing: number
  pitch: number
}

export interface DeepLink {
  view: View | null
  /** Layers that are on; null means the defaults. */
  layers: string[] | null
  pick: Pick | null
}

const within = (value: number, low: number, high: number) =>
  Number.isFinite(value) && value >= low && value <= high

function parseView(text: string | null): View | null {
  if (!text) return null
  const [zoom = NaN, lat = NaN, lng = NaN, bearing = 0, pitch = 0] = text.split('/').map(Number)
  if (!within(zoom, 0, 24) || !within(lat, -85.06, 85.06) || !within(lng, -180, 180)) return null
  return {
    zoom,
    lat,
    lng,
    bearing: within(bearing, -360, 360) ? bearing : 0,
    pitch: within(pitch, 0, 85) ? pitch : 0,
  }
}

export function parsePick(text: string | null): Pick | null {
  const [, kind, ref] = /^(\w+):(.+)$/.exec(text ?? '') ?? []
  if (!kind || !ref) return null
  if (kind === 'place') {
    const [lng = NaN, lat = NaN] = ref.split(',').map(Number)
    return within(lng, -180, 180) && within(lat, -90, 90) ? { kind, at: [lng, lat] } : null
  }
  const known = KINDS.find((one) => one === kind)
  return known ? { kind: known, ref } : null
}

/** What the hash says; anything it says wrongly is left out, never an error. */
export function parseHash(hash: string): DeepLink {
  const values = new URLSearchParams(hash.replace(/^#/, ''))
  const layers = values.get('layers')
  return {
    view: parseView(values.get('map')),
    layers: layers === null ? null : layers.split('.').filter((id) => /^[\w-]+$/.test(id)),
    pick: parsePick(values.get('pick')),
  }
}

const places = (value: number, digits: number) => String(Number(value.toFixed(digits)))

export function formatHash({ view, layers, pick }: DeepLink): string {
  const parts: string[] = []
  if (view) {
    const digits = Math.max(2, Math.ceil((view.zoom * Math.LN2 + Math.log(512 / 360 / 0.5)) / Math.LN10))
    const map = [places(view.zoom, 2), places(view.lat, digits), places(view.lng, digits)]
    if (view.bearing || view.pitch) map.push(places(view.bearing, 1), places(view.pitch, 0))
    parts.push(`map=${map.join('/')}`)
  }
  if (layers) parts.push(`layers=${layers.join('.')}`)
  if (pick) parts.push(`pick=${formatPick(pick)}`)
  return parts.length > 0 ? `#${parts.join('&')}` : ''
}

export function formatPick(pick: Pick): string {
  return pick.kind === 'place'
    ? `place:${places(pick.at[0], 6)},${places(pick.at[1], 6)}`
    : `${pick.kind}:${encodeURIComponent(pick.ref)}`
}
