import { describe, expect, test } from 'vitest'
import { layoutFor, PANELS, paddingOf, type Rect, wallLayout } from '../src/wall/layout'
import { isInside, rimMarks } from '../src/wall/rim'
import { legiblePx, SMALLEST_REM, unitOf } from '../src/wall/unit'

const NOWHERE = { distance_m: null, pitch_mm: null }
const SCREENS: [number, number][] = [
  [1280, 720],
  [1920, 1080],
  [3840, 1080],
  [3840, 2160],
  [7680, 2160],
]
const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01

describe('the unit', () => {
  test.each([
    [4, 1.25, 21],
    [6, 1.25, 31],
    [8, 1.25, 41],
    [6, 0.63, 62],
  ])('%s m from a wall of %s mm needs text of %s pixels', (distance_m, pitch_mm, px) => {
    expect(Math.round(legiblePx({ distance_m, pitch_mm }))).toBe(px)
  })

  test('grows with the wall', () => {
    expect(unitOf(3840, 2160, NOWHERE).rem).toBeCloseTo(2 * unitOf(1920, 1080, NOWHERE).rem)
    expect(unitOf(3840, 1080, NOWHERE).rem).toBe(unitOf(1920, 1080, NOWHERE).rem)
  })

  test('has no text smaller than the distance asks for, or says that it does not fit', () => {
    const near = unitOf(7680, 2160, { distance_m: 6, pitch_mm: 1.25 })
    const far = unitOf(1920, 1080, { distance_m: 20, pitch_mm: 0.3 })

    expect(near.reached && near.smallestPx >= 31).toBe(true)
    expect(far.reached).toBe(false)
    expect(far.smallestPx).toBeCloseTo(far.rem * SMALLEST_REM)
    expect(far.smallestPx).toBeLessThan(far.wantedPx)
  })
})

describe.each(SCREENS)('the layout of %d x %d', (width, height) => {
  const viewings = [NOWHERE, { distance_m: 5, pitch_mm: 1.25 }, { distance_m: 15, pitch_mm: 0.6 }]
  test.each(viewings)('has every panel on the screen, none over another, and room for the map', (viewing) => {
    const { rem } = unitOf(width, height, viewing)
    const { columns, foot, free, head } = wallLayout(width, height, rem, 'auto', null)
    const all = [...columns, foot, free, head]

    expect(columns.flatMap(({ panels }) => panels).sort()).toEqual([...PANELS].sort())
    for (const box of all) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(width + 0.01)
      expect(box.y + box.height).toBeLessThanOrEqual(height + 0.01)
    }
    for (const [i, one] of all.entries())
      for (const other of all.slice(i + 1)) expect(overlap(one, other)).toBe(false)
    expect(free.width).toBeGreaterThan(width * 0.25)
    expect(free.height).toBeGreaterThan(height * 0.45)
  })

  test('pads the map so that its middle is the middle of what is free', () => {
    const layout = wallLayout(width, height, unitOf(width, height, NOWHERE).rem, 'auto', null)
    const { left, right, top, bottom } = paddingOf(layout, width, height)

    expect((left + width - right) / 2).toBeCloseTo(layout.free.x + layout.free.width / 2)
    expect((top + height - bottom) / 2).toBeCloseTo(layout.free.y + layout.free.height / 2)
  })
})

test('a wall three times as wide as high has two columns on each side', () => {
  expect(layoutFor(3840, 1080, 'auto')).toBe('wide')
  expect(layoutFor(7680, 2160, 'auto')).toBe('wide')
  expect(layoutFor(3840, 2160, 'auto')).toBe('standard')
  expect(layoutFor(3840, 2160, 'wide')).toBe('wide')
})

test('a panel that is shown large has its column to itself', () => {
  const { columns } = wallLayout(1920, 1080, 15, 'auto', 'incidents')

  expect(columns.map(({ panels }) => panels)).toContainEqual(['incidents'])
})

describe('what is critical and not in the free part of the map', () => {
  const free: Rect = { x: 400, y: 80, width: 1000, height: 600 }

  test('is on the rim, in the direction where it lies', () => {
    const [left, up] = rimMarks(
      free,
      [
        { key: 'west', x: -500, y: 380 },
        { key: 'north', x: 900, y: -2000 },
        { key: 'inside', x: 900, y: 380 },
      ],
      30,
    ).sort((a, b) => a.bearing - b.bearing)

    expect(left).toMatchObject({ keys: ['west'], x: 430, y: 380, bearing: -90 })
    expect(up?.keys).toEqual(['north'])
    expect(up?.y).toBeCloseTo(110)
    expect(up?.bearing).toBeCloseTo(0)
  })

  test('also when it lies under a panel', () => {
    expect(rimMarks(free, [{ key: 'under', x: 200, y: 300 }], 30)).toHaveLength(1)
  })

  test('shares a mark with what lies the same way, and every mark is in sight', () => {
    const spots = Array.from({ length: 500 }, (_, i) => ({
      key: String(i),
      x: 900 + 4000 * Math.cos(i),
      y: 380 + 4000 * Math.sin(i),
    }))

    const marks = rimMarks(free, spots, 30)

    expect(marks.length).toBeLessThanOrEqual(16)
    expect(marks.flatMap(({ keys }) => keys)).toHaveLength(500)
    for (const mark of marks) expect(isInside(free, mark)).toBe(true)
  })
})
