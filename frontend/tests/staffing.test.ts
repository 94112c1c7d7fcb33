import { describe, expect, test } from 'vitest'
import type { BoardDuty, Surrounding } from '../src/api/types'
import { scaleBar, sheetMap } from '../src/staffing/sheet-map'
import { chipsOn, columnsOf, hoursWithin, inSight, spanOn } from '../src/staffing/slots'
import { addDays, dayOf, wallToUtc, weekdayOf } from '../src/staffing/zone-time'

const ZONE = 'Europe/Helsinki'
const utc = (text: string) => Date.parse(text)

function duty(changes: Partial<BoardDuty> = {}): BoardDuty {
  return {
    id: 1,
    user: 1,
    role: 'grid_worker',
    units: ['A'],
    elsewhere: 0,
    shifts: [{ weekdays: [0, 1, 2, 3, 4, 5, 6], starts: '22:00:00', ends: '06:00:00' }],
    valid_from: '2020-01-01T00:00:00Z',
    valid_to: null,
    note: '',
    is_there: true,
    stand_ins: [],
    yours: true,
    ...changes,
  }
}

describe('times of the city', () => {
  test('a local time is the moment that it is there', () => {
    expect(wallToUtc('2026-11-22', '22:00', ZONE)).toBe(utc('2026-11-22T20:00:00Z'))
    expect(wallToUtc('2026-06-03', '00:00:00', 'Asia/Shanghai')).toBe(utc('2026-06-02T16:00:00Z'))
  })

  test('a time that is skipped moves forward, one that is repeated is the second', () => {
    expect(wallToUtc('2026-03-29', '03:30', ZONE)).toBe(utc('2026-03-29T01:30:00Z'))
    expect(wallToUtc('2026-10-25', '03:30', ZONE)).toBe(utc('2026-10-25T01:30:00Z'))
  })

  test('days follow one another', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(weekdayOf('2026-11-22')).toBe(6)
    expect(dayOf(utc('2026-11-22T22:30:00Z'), ZONE)).toBe('2026-11-23')
  })
})

describe('slots of a day', () => {
  test('every shift of a role has a column, and every role of the formula at least one', () => {
    const columns = columnsOf([
      duty(),
      duty({ shifts: [{ weekdays: [0], starts: '06:00:00', ends: '14:00:00' }] }),
    ])

    expect(columns.map(({ role, starts }) => `${role} ${starts}`)).toEqual([
      'grid_worker 06:00:00',
      'grid_worker 22:00:00',
      'supervisor ',
      'inspector ',
      'volunteer ',
    ])
  })

  test('a night belongs to the day on which it begins, and the change of the clocks makes it longer', () => {
    const [column] = columnsOf([duty()])
    if (!column) throw new Error('no column')

    const [starts, ends] = spanOn(duty(), column, '2026-10-24', ZONE) ?? [0, 0]

    expect((ends - starts) / 3_600_000).toBe(9)
    expect(spanOn(duty({ valid_to: '2026-01-01T00:00:00Z' }), column, '2026-10-24', ZONE)).toBeNull()
  })

  test('a leave without anybody is missing, a substitute is not', () => {
    const away = { valid_from: '2026-11-22T12:00:00Z', valid_to: '2026-11-23T12:00:00Z', reason: '' }
    const leave = duty({ stand_ins: [{ id: 1, user: null, is_there: false, ...away }] })
    const filled = duty({ stand_ins: [{ id: 1, user: 2, is_there: true, ...away }] })
    const columns = columnsOf([leave])
    const chip = (one: BoardDuty) => chipsOn([one], columns, '2026-11-22', ZONE).get('A')?.[0]?.[0]

    expect(chip(leave)?.missing).toBe(true)
    expect(chip(filled)).toMatchObject({ missing: false, standIn: { user: 2 } })
    expect(chipsOn([leave], columns, '2026-11-20', ZONE).get('A')?.[0]?.[0]?.standIn).toBeNull()
  })

  test('a place that a duty names twice over has it once, in each of its places', () => {
    const placed = chipsOn([duty({ units: ['A', 'B'] })], columnsOf([duty()]), '2026-11-22', ZONE)

    expect([...placed.keys()]).toEqual(['A', 'B'])
    expect(placed.get('B')?.[0]).toHaveLength(1)
  })
})

test('hours within a day are the parts of spans inside it', () => {
  const hour = 3_600_000
  expect(
    hoursWithin(
      [
        [0, 5 * hour],
        [10 * hour, 30 * hour],
      ],
      [4 * hour, 24 * hour],
    ),
  ).toBe(15)
})

test('of thousands of rows only those in sight are drawn', () => {
  expect(inSight(0, 600, 56, 3000)).toEqual([0, 15])
  expect(inSight(56_000, 600, 56, 3000)).toEqual([996, 1015])
})

describe('the map of a sheet', () => {
  const square = (west: number, south: number, side: number): GeoJSON.Polygon => ({
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
      ],
    ],
  })
  const thing = (kind: Surrounding['kind'], geometry: GeoJSON.Geometry): Surrounding => ({
    kind,
    ref: '1',
    name: '',
    name_en: '',
    sort: '',
    geometry,
    lng: null,
    lat: null,
  })

  test('fits the cell into the paper, north up, metres alike both ways', () => {
    const map = sheetMap([thing('cell', square(25, 60, 0.01))], 180, 100)

    const numbers = map?.things[0]?.path.match(/[\d.]+/g)?.map(Number) ?? []
    const [x0 = 0, y0 = 0, x1 = 0, , , y2 = 0] = numbers
    expect((x1 - x0) / (y0 - y2)).toBeCloseTo(Math.cos((60.005 * Math.PI) / 180), 3)
    expect(y0).toBeGreaterThan(y2)
    expect(y0 - y2).toBeCloseTo(86, 1)
  })

  test('without the cell there is no map', () => {
    expect(sheetMap([thing('road', { type: 'LineString', coordinates: [] })], 180, 100)).toBeNull()
  })

  test('the bar of the scale is a round length', () => {
    expect(scaleBar(0.2, 180)).toBe(200)
    expect(scaleBar(1, 180)).toBe(20)
  })
})
