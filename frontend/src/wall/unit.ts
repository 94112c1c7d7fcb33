// One unit for everything on a wall: the root font size. Text, panels, labels and marks of the map hang on it.

/** What the wall was told of its room. */
export interface Viewing {
  /** From the farthest seat to the wall, in metres. */
  distance_m: number | null
  /** From one pixel to the next, in millimetres. */
  pitch_mm: number | null
}

export interface Unit {
  /** Font size of the root, in CSS pixels: 1rem. */
  rem: number
  /** The smallest text on the wall, in CSS pixels. */
  smallestPx: number
  /** What the viewing distance asks for; 0 when it was not told. */
  wantedPx: number
  /** False: this wall is too small for that distance, and the text is the largest that still fits. */
  reached: boolean
}

/** A wall of 1080 pixels has a rem of 15. */
const REM_OF_HEIGHT = 1 / 72
/** No text on the wall is smaller, in rem; on the map, in its own pixels, of which a rem has MAP_REM. */
export const SMALLEST_REM = 0.86
export const MAP_REM = 15
export const SMALLEST_ON_MAP = SMALLEST_REM * MAP_REM
/** Letters are legible from 16 minutes of arc on (NUREG-0700); a capital is 0.72 of the font size. */
const LEGIBLE_RADIANS = ((16 / 60) * Math.PI) / 180
const CAPITAL = 0.72
/** The panels need so much of a wall to stand in, in rem. */
const LEAST_HEIGHT_REM = 50
const LEAST_WIDTH_REM = 88
const LEAST_REM_PX = 12

/** Font size in pixels that is legible from a distance; 0 when the room is not known. */
export function legiblePx({ distance_m, pitch_mm }: Viewing): number {
  if (!distance_m || !pitch_mm) return 0
  return (distance_m * 1000 * Math.tan(LEGIBLE_RADIANS)) / pitch_mm / CAPITAL
}

/** The unit of a wall of this many CSS pixels. */
export function unitOf(width: number, height: number, viewing: Viewing): Unit {
  const wantedPx = legiblePx(viewing)
  const largest = Math.max(LEAST_REM_PX, Math.min(width / LEAST_WIDTH_REM, height / LEAST_HEIGHT_REM))
  const asked = Math.max(height * REM_OF_HEIGHT, wantedPx / SMALLEST_REM, LEAST_REM_PX)
  const rem = Math.min(asked, largest)
  const smallestPx = rem * SMALLEST_REM
  return { rem, smallestPx, wantedPx, reached: smallestPx >= wantedPx - 0.01 }
}
