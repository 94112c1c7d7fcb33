// Status is always a colour and a shape. The colours were searched for: tellable apart with every kind of sight.
import { type Stage, UNFINISHED } from './stages'

export const STATUSES = ['critical', 'serious', 'watch', 'notice', 'done', 'idle'] as const
export type Status = (typeof STATUSES)[number]
export type Shape = 'octagon' | 'diamond' | 'triangle' | 'circle' | 'hollow'
export type Theme = 'dark' | 'light'

export const SHAPE_OF: Record<Status, Shape> = {
  critical: 'octagon',
  serious: 'diamond',
  watch: 'triangle',
  notice: 'circle',
  done: 'circle',
  idle: 'hollow',
}

export const COLOUR_OF: Record<Theme, Record<Status, string>> = {
  dark: {
    critical: '#f0403d',
    serious: '#f9a14f',
    watch: '#ffe938',
    notice: '#65b3fe',
    done: '#7ef7c8',
    idle: '#76899b',
  },
  // The same hues, dark enough for white ground.
  light: {
    critical: '#c81e2b',
    serious: '#b85a00',
    watch: '#8a6d00',
    notice: '#0b5cad',
    done: '#0b8058',
    idle: '#5d7083',
  },
}

/** The worst first: where marks overlap, it lies on top. */
export const RANK_OF: Record<Status, number> = {
  critical: 0,
  serious: 1,
  watch: 2,
  notice: 3,
  done: 4,
  idle: 5,
}

/** SVG path of a shape in a box of 20 x 20. */
export const PATH_OF: Record<Shape, string> = {
  octagon: 'M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z',
  diamond: 'M10 .8 19.2 10 10 19.2.8 10z',
  triangle: 'M10 1.6 19.2 17.9H.8z',
  circle: 'M10 2.6a7.4 7.4 0 1 1 0 14.8a7.4 7.4 0 1 1 0-14.8z',
  hollow: 'M10 4a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM10 6.4a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2z',
}

export interface Urgent {
  stage: string
  waiting?: string
  reported_at: string
  deadline_at: string | null
}

const HOUR = 3_600_000

/**
 * How much an incident wants to be looked at: overdue or open for three days is critical, the last fifth of its
 * time or a day open is serious, not yet filed is watch, in work is notice. The tiles (map_incident) say the same.
 */
export function statusOf({ stage, waiting, reported_at, deadline_at }: Urgent, now: number): Status {
  const step = stage.toUpperCase()
  if (step === 'HANDLED' || step === 'VERIFIED') return 'done'
  if (waiting || !UNFINISHED.has(step as Stage)) return 'idle'
  const reported = Date.parse(reported_at)
  const deadline = deadline_at ? Date.parse(deadline_at) : Number.NaN
  if (!Number.isNaN(deadline)) {
    if (now > deadline) return 'critical'
    if (now > deadline - (deadline - reported) / 5) return 'serious'
  } else {
    if (now - reported > 72 * HOUR) return 'critical'
    if (now - reported > 24 * HOUR) return 'serious'
  }
  return step === 'REPORTED' ? 'watch' : 'notice'
}
