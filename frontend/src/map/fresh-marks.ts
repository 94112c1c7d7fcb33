// Incidents that came in a moment ago, as elements over the map: they are on the screen with the next frame of
// the page, however busy the map's own drawing is, and they are what the eye is to find.

import { type Map as MapLibreMap, Marker } from './maplibre'
import type { IncidentMark } from './mark-changes'
import { COLOUR_OF, PATH_OF, SHAPE_OF, type Theme } from './status'

const SVG = 'http://www.w3.org/2000/svg'

function element(mark: IncidentMark, theme: Theme): HTMLElement {
  const box = document.createElement('div')
  box.className = 'fresh-mark'
  box.dataset.incident = mark.number
  box.setAttribute('role', 'img')
  box.setAttribute('aria-label', `${mark.label} ${mark.number}`)
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 20 20')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATH_OF[SHAPE_OF[mark.status]])
  path.setAttribute('fill', COLOUR_OF[theme][mark.status])
  svg.append(path)
  box.append(svg)
  return box
}

export class FreshMarks {
  private readonly map: MapLibreMap
  private readonly shown = new Map<string, { marker: Marker; look: string }>()

  constructor(map: MapLibreMap) {
    this.map = map
  }

  set(marks: readonly IncidentMark[], theme: Theme): void {
    const fresh = new Map(marks.filter((mark) => mark.fresh).map((mark) => [mark.number, mark]))
    for (const [number, { marker, look }] of this.shown)
      if (look !== lookOf(fresh.get(number), theme)) {
        marker.remove()
        this.shown.delete(number)
      }
    for (const [number, mark] of fresh) {
      const known = this.shown.get(number)
      if (known) known.marker.setLngLat([mark.lng, mark.lat])
      else
        this.shown.set(number, {
          marker: new Marker({ element: element(mark, theme) })
            .setLngLat([mark.lng, mark.lat])
            .addTo(this.map),
          look: lookOf(mark, theme),
        })
    }
  }

  clear(): void {
    for (const { marker } of this.shown.values()) marker.remove()
    this.shown.clear()
  }
}

const lookOf = (mark: IncidentMark | undefined, theme: Theme) =>
  mark ? `${mark.status} ${mark.label} ${theme}` : ''
