// Pictures for the map, made when a tile asks for them: no sprite, nothing fetched.
import { distanceField } from './distance-field'
import { ICON_BOX, iconPath } from './icons'
import type { Map as MapLibreMap } from './maplibre'
import { COLOUR_OF, PATH_OF, SHAPE_OF, STATUSES, type Status, type Theme } from './status'

const ICON_PX = 20
const STATUS_PX = 26
const DENSITY = 3
const STATUS_BOX = 20
const MARGIN_PX = 2

function canvasOf(size: number): { context: CanvasRenderingContext2D; size: number } | null {
  const canvas = document.createElement('canvas')
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return context && { context, size }
}

/** A class icon as a distance field, so that the style chooses its colour and halo. */
function iconField(path: string): ImageData | null {
  const made = canvasOf((ICON_PX + 2 * MARGIN_PX) * DENSITY)
  if (!made) return null
  const { context, size } = made
  const scale = (ICON_PX * DENSITY) / ICON_BOX
  context.translate(MARGIN_PX * DENSITY, MARGIN_PX * DENSITY)
  context.scale(scale, scale)
  context.fill(new Path2D(path))
  const picture = context.getImageData(0, 0, size, size)
  const coverage = new Uint8ClampedArray(size * size)
  for (let i = 0; i < coverage.length; i++) coverage[i] = picture.data[i * 4 + 3] ?? 0
  const field = distanceField(coverage, size, size)
  for (let i = 0; i < field.length; i++) picture.data[i * 4 + 3] = field[i] ?? 0
  return picture
}

/** A status mark in its own colour with an edge that lifts it off any ground; the worst has a soft ring. */
function statusPicture(status: Status, theme: Theme): ImageData | null {
  const made = canvasOf(STATUS_PX * DENSITY)
  if (!made) return null
  const { context, size } = made
  const colour = COLOUR_OF[theme][status]
  if (status === 'critical') {
    const glow = context.createRadialGradient(size / 2, size / 2, size / 4, size / 2, size / 2, size / 2)
    glow.addColorStop(0, `${colour}99`)
    glow.addColorStop(1, `${colour}00`)
    context.fillStyle = glow
    context.fillRect(0, 0, size, size)
  }
  const across = status === 'notice' || status === 'done' ? 14 : status === 'idle' ? 12 : 17
  const scale = (across * DENSITY) / STATUS_BOX
  context.translate((size - across * DENSITY) / 2, (size - across * DENSITY) / 2)
  context.scale(scale, scale)
  const path = new Path2D(PATH_OF[SHAPE_OF[status]])
  context.lineJoin = 'round'
  context.lineWidth = 3
  context.strokeStyle = theme === 'dark' ? '#0a0f16' : '#ffffff'
  context.stroke(path)
  context.fillStyle = colour
  context.fill(path)
  if (status === 'critical') {
    context.fillStyle = '#ffffff'
    context.fillRect(8.9, 4.6, 2.2, 6.8)
    context.fillRect(8.9, 13.2, 2.2, 2.3)
  }
  return context.getImageData(0, 0, size, size)
}

/** A plain dot for a class without an icon. */
const DOT = 'M7.5 3.5a4 4 0 1 1 0 8a4 4 0 1 1 0-8z'

/**
 * Makes missing pictures on demand. Each tile asks for itself at the same moment, so the first answer is kept:
 * adding a picture twice is an error.
 */
export function supplyIcons(map: MapLibreMap, theme: () => Theme): void {
  map.setMissingStyleImageResolver(async (id) => {
    if (map.hasImage(id)) return
    const status = /^status[-:](\w+)$/.exec(id)?.[1]
    if (status && (STATUSES as readonly string[]).includes(status)) {
      const picture = statusPicture(status as Status, theme())
      if (picture) map.addImage(id, picture, { pixelRatio: DENSITY })
      return
    }
    const picture = iconField(iconPath(id) ?? DOT)
    if (picture) map.addImage(id, picture, { pixelRatio: DENSITY, sdf: true })
  })
}
