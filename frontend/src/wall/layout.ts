// Where the panels of a wall stand, and which part of the map they leave free. All of it in CSS pixels.

export const PANELS = ['indicators', 'coverage', 'cameras', 'water', 'incidents'] as const
export type PanelName = (typeof PANELS)[number]
export type LayoutName = 'standard' | 'wide'

export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

export interface Column extends Rect {
  panels: PanelName[]
}

export interface WallLayout {
  name: LayoutName
  head: Rect
  columns: Column[]
  /** The strip of time and legend, under the free part of the map. */
  foot: Rect
  /** The part of the map that nothing covers. */
  free: Rect
}

/** From this aspect on a wall has two columns on each side. */
const WIDE_FROM = 2.6
const GAP_REM = 0.8
const HEAD_REM = 4.2
/** The legend takes one, two or three lines, by the width that is left for it; presence one more. */
const FOOT_REM: readonly { fromRem: number; high: number }[] = [
  { fromRem: 112, high: 8.6 },
  { fromRem: 68, high: 10.3 },
  { fromRem: 0, high: 11.9 },
]
const COLUMN_REM: Record<LayoutName, { left: number[]; right: number[] }> = {
  standard: { left: [24], right: [27] },
  wide: { left: [25, 27], right: [28, 27] },
}
const PANELS_OF: Record<LayoutName, { left: PanelName[][]; right: PanelName[][] }> = {
  standard: { left: [['indicators', 'coverage', 'cameras']], right: [['water', 'incidents']] },
  wide: { left: [['indicators', 'coverage'], ['cameras']], right: [['water'], ['incidents']] },
}

export const layoutFor = (width: number, height: number, asked: LayoutName | 'auto'): LayoutName =>
  asked === 'auto' ? (width / height >= WIDE_FROM ? 'wide' : 'standard') : asked

/** `large`: a panel that has its column to itself. */
export function wallLayout(
  width: number,
  height: number,
  rem: number,
  asked: LayoutName | 'auto',
  large: PanelName | null,
): WallLayout {
  const name = layoutFor(width, height, asked)
  const gap = GAP_REM * rem
  const top = HEAD_REM * rem
  const column = (x: number, wide: number, panels: PanelName[]): Column => ({
    x,
    y: top,
    width: wide * rem,
    height: height - top - gap,
    panels: large && panels.includes(large) ? [large] : panels,
  })
  const columns: Column[] = []
  let left = gap
  COLUMN_REM[name].left.forEach((wide, i) => {
    columns.push(column(left, wide, PANELS_OF[name].left[i] ?? []))
    left += wide * rem + gap
  })
  let right = width - gap
  for (const [i, wide] of [...COLUMN_REM[name].right].entries()) {
    const at = COLUMN_REM[name].right.length - 1 - i
    const own = COLUMN_REM[name].right[at] ?? wide
    right -= own * rem
    columns.push(column(right, own, PANELS_OF[name].right[at] ?? []))
    right -= gap
  }
  const high = (FOOT_REM.find(({ fromRem }) => right - left >= fromRem * rem)?.high ?? 0) * rem
  const foot = { x: left, y: height - gap - high, width: right - left, height: high }
  return {
    name,
    head: { x: 0, y: 0, width, height: top },
    columns,
    foot,
    free: { x: left, y: top, width: right - left, height: foot.y - gap - top },
  }
}

/** What the map is padded with, so that its middle is the middle of what is free. */
export const paddingOf = ({ free }: WallLayout, width: number, height: number) => ({
  left: free.x,
  right: width - free.x - free.width,
  top: free.y,
  bottom: height - free.y - free.height,
})
