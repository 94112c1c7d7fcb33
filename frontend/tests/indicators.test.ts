import { describe, expect, it } from 'vitest'
import { drawingOf, lineOf } from '../src/indicators/drawing'
import { addDays, isPeriod, periodOf } from '../src/indicators/periods'
import { matching, percent, placeOf, type Row, ranked, spanOf } from '../src/indicators/rates'

const row = (key: string, numerator: number, denominator: number): Row => ({
  key,
  name: `名${key}`,
  name_en: `Name ${key}`,
  is_gone: false,
  received: 0,
  filed: 0,
  due: 0,
  closed: 0,
  left_out: 0,
  rates: [{ numerator, denominator, value: denominator ? numerator / denominator : null }],
})

describe('periods', () => {
  it('end yesterday and hold as many days as they say', () => {
    expect(periodOf('week', '2026-03-03')).toEqual({ start: '2026-02-24', end: '2026-03-02' })
    expect(periodOf('lastMonth', '2026-03-03')).toEqual({ start: '2026-02-01', end: '2026-02-28' })
    expect(periodOf('thisMonth', '2026-03-03')).toEqual({ start: '2026-03-01', end: '2026-03-03' })
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
  })

  it('are days in order', () => {
    expect(isPeriod({ start: '2026-01-02', end: '2026-01-02' })).toBe(true)
    expect(isPeriod({ start: '2026-01-03', end: '2026-01-02' })).toBe(false)
    expect(isPeriod({ start: '', end: '2026-01-02' })).toBe(false)
  })
})

describe('rates', () => {
  const rows = [row('a', 1, 2), row('b', 0, 0), row('c', 9, 10), row('d', 50, 100)]

  it('are ranked by what is good, the one without a value last', () => {
    expect(ranked(rows, 0, true).map(({ key }) => key)).toEqual(['c', 'd', 'a', 'b'])
    expect(ranked(rows, 0, false).map(({ key }) => key)).toEqual(['d', 'a', 'c', 'b'])
  })

  it('never show all of what is not all', () => {
    expect(percent(0.99996, 'en-GB')).toBe('99.9%')
    expect(percent(1, 'en-GB')).toBe('100.0%')
    expect(percent(null, 'en-GB')).toBe('–')
  })

  it('have a place between least and most', () => {
    const span = spanOf(rows.map(({ rates }) => rates[0]))
    expect(span).toEqual([0.5, 0.9])
    expect(placeOf(rows[0]?.rates[0], span)).toBe(0)
    expect(placeOf(rows[1]?.rates[0], span)).toBeNull()
    expect(placeOf(rows[0]?.rates[0], [0.5, 0.5])).toBe(0.5)
  })

  it('are found by key and by both names', () => {
    expect(matching(rows, ' NAME C ').map(({ key }) => key)).toEqual(['c'])
    expect(matching(rows, '名d').map(({ key }) => key)).toEqual(['d'])
    expect(matching(rows, '')).toHaveLength(4)
  })
})

describe('drawings', () => {
  const square = (west: number, south: number): GeoJSON.Feature => ({
    type: 'Feature',
    properties: { code: `${west}` },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [west, south],
          [west + 1, south],
          [west + 1, south + 1],
          [west, south + 1],
          [west, south],
        ],
      ],
    },
  })

  it('keep the shape of the ground: degrees east are shorter', () => {
    const { height, shapes } = drawingOf([square(10, 59.5)])
    expect(Math.round(height)).toBe(2000)
    expect(shapes[0]?.path.startsWith('M0.0 2000.0L1000.0 2000.0')).toBe(true)
  })

  it('break a line where there is no value', () => {
    expect(lineOf([0, null, 1], 100, 10)).toBe('M0.0 10.0M100.0 0.0')
    expect(lineOf([0.5, 1], 100, 10, 0.5)).toBe('M0.0 10.0L100.0 0.0')
  })
})
