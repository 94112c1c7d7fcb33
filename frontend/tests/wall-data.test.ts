import { describe, expect, test } from 'vitest'
import { SteadyClock } from '../src/live/steady-clock'
import { atLeast, withLeastText } from '../src/map/least-text'
import { COLOUR_OF } from '../src/map/status'
import { askedFreshness, freshnessOf, STALE_AFTER_MS } from '../src/wall/freshness'
import { eachRecord, Movers } from '../src/wall/movers'
import { BANDS, bandOf, bandRange, byUrgency, sparkline, type WaterPoint } from '../src/wall/water'

describe('a clock that nobody sets', () => {
  test('goes on when the clock of the machine is put forward', () => {
    let ticks = 100
    let machine = Date.parse('2026-11-22T10:00:00Z')
    const clock = new SteadyClock(
      () => ticks,
      () => machine,
    )
    const begun = clock.now()

    machine += 3 * 3_600_000
    ticks += 5000

    expect(clock.now() - begun).toBe(5000)
  })

  test('takes the time from the server', () => {
    const clock = new SteadyClock(
      () => 0,
      () => 0,
    )

    clock.sync('2026-11-22T10:00:00.500Z')
    clock.sync('nonsense')

    expect(new Date(clock.now()).toISOString()).toBe('2026-11-22T10:00:00.500Z')
    expect(clock.isSynced).toBe(true)
  })
})

describe('old data', () => {
  test('is called old within ten seconds, and since when is said', () => {
    expect(STALE_AFTER_MS).toBeLessThanOrEqual(10_000)
    expect(freshnessOf('live', 1000, 1000 + STALE_AFTER_MS)).toEqual({ stale: false, since: 1000 })
    expect(freshnessOf('live', 1000, 1001 + STALE_AFTER_MS)).toEqual({ stale: true, since: 1000 })
    expect(freshnessOf('gone', 1000, 1000).stale).toBe(true)
    expect(freshnessOf('connecting', 1000, 2000).stale).toBe(false)
  })

  test('that is asked for is old when an answer was missed', () => {
    expect(askedFreshness(0, 30_000, 40_000).stale).toBe(false)
    expect(askedFreshness(0, 30_000, 40_001).stale).toBe(true)
    expect(askedFreshness(null, 30_000, 99_000).stale).toBe(false)
  })
})

/** Records as the server packs them: u32, i16, i16, little-endian. */
function packed(...records: [number, number, number][]): string {
  const view = new DataView(new ArrayBuffer(records.length * 8))
  records.forEach(([id, dx, dy], i) => {
    view.setUint32(8 * i, id, true)
    view.setInt16(8 * i + 4, dx, true)
    view.setInt16(8 * i + 6, dy, true)
  })
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)))
}

describe('movers', () => {
  const step = 2 ** -20
  const event = (points: string, states: [number, string][] = [], far: [number, number, number][] = []) => ({
    at: '',
    origin: [24.9, 60.1] as [number, number],
    step,
    points,
    states,
    far,
  })
  const placeOf = (movers: Movers, slot: number) => [...movers.lngLat.subarray(2 * slot, 2 * slot + 2)]

  test('are read from their records, the far ones too', () => {
    const read: [number, number, number][] = []
    const told = event(packed([7, 0, 0], [4_294_967_295, -32_768, 32_767]), [], [[9, 100, -40]])

    const count = eachRecord(told, (...record) => read.push(record))

    expect(count).toBe(3)
    expect(read[0]).toEqual([7, 24.9, 60.1])
    expect(read[1]?.[0]).toBe(4_294_967_295)
    expect(read[1]?.[1]).toBeCloseTo(24.9 - 32_768 * step, 9)
    expect(read[2]).toEqual([9, 100, -40])
  })

  test('keep their slot; who goes off duty leaves no hole', () => {
    const movers = new Movers()
    for (const id of [1, 2, 3]) movers.place(id, 0, 0)
    expect(movers.apply(event(packed([1, 1, 1], [2, 2, 2], [3, 3, 3]), [[3, 'off_cell']]))).toBe(true)
    expect(movers.apply(event(packed([99, 1, 1])))).toBe(false)
    movers.apply(event(packed(), [[1, 'off_duty']]))

    expect(movers.count).toBe(2)
    expect(placeOf(movers, 0)[0]).toBeCloseTo(24.9 + 3 * step, 9)
    expect(movers.states[0]).toBe(2)
    expect(movers.countOf('off_cell')).toBe(1)
    expect(movers.has(1)).toBe(false)
  })

  test('of days take no more room than of a second', () => {
    const movers = new Movers()
    for (let id = 0; id < 50; id++) movers.place(id, 0, 0)
    for (let second = 0; second < 2000; second++)
      movers.apply(
        event(packed(...Array.from({ length: 50 }, (_, i): [number, number, number] => [i, second % 99, i]))),
      )

    expect(movers.count).toBe(50)
    expect(movers.lngLat.length).toBeLessThanOrEqual(256)
  })
})

describe('waterlogging', () => {
  const point = (given: Partial<WaterPoint>): WaterPoint => ({
    code: 'A',
    name: '',
    name_en: '',
    lng: 0,
    lat: 0,
    depth_cm: 0,
    rate_cm: 0,
    next_band_min: null,
    band: 'notice',
    measured_at: null,
    stale: false,
    is_simulated: false,
    history: [],
    ...given,
  })

  test('bands begin where the domain says, and each has a colour of its own', () => {
    expect([0, 14.9, 15, 30, 49.9, 50, null].map(bandOf)).toEqual([
      'notice',
      'notice',
      'watch',
      'serious',
      'serious',
      'critical',
      'idle',
    ])
    expect(BANDS.map(({ status }) => bandRange(status))).toEqual([
      '≥ 50 cm',
      '30–50 cm',
      '15–30 cm',
      '< 15 cm',
    ])
    expect(new Set(BANDS.map(({ status }) => COLOUR_OF.dark[status])).size).toBe(BANDS.length)
  })

  test('the worst comes first, then what will be worse soonest', () => {
    const sorted = [
      point({ code: 'dry' }),
      point({ code: 'later', band: 'serious', next_band_min: 40, depth_cm: 45 }),
      point({ code: 'soon', band: 'serious', next_band_min: 4, depth_cm: 31 }),
      point({ code: 'worst', band: 'critical' }),
    ].sort(byUrgency)

    expect(sorted.map(({ code }) => code)).toEqual(['worst', 'soon', 'later', 'dry'])
  })

  test('a sparkline has a gap where nothing was measured', () => {
    expect(sparkline([0, 10, null, 5], 30, 10)).toBe('M0.0 10.0L10.0 0.0M30.0 5.0')
    expect(sparkline([], 30, 10)).toBe('')
  })
})

describe('text on the map', () => {
  test.each([
    [10, 13, 13],
    [20, 13, 20],
    [undefined, 13, 16],
    [
      ['interpolate', ['linear'], ['zoom'], 12, 11, 17, 14],
      13,
      ['interpolate', ['linear'], ['zoom'], 12, 13, 17, 14],
    ],
    [['step', ['zoom'], 9, 14, 15], 13, ['step', ['zoom'], 13, 14, 15]],
    [['get', 'size'], 13, ['max', ['get', 'size'], 13]],
  ])('%j is at least %d', (size, least, expected) => {
    expect(atLeast(size as never, least)).toEqual(expected)
  })

  test('layers without text stay as they are', () => {
    const layers = [
      { id: 'a', type: 'symbol' as const, source: 's', layout: { 'text-field': 'x', 'text-size': 9 } },
      { id: 'b', type: 'symbol' as const, source: 's', layout: { 'icon-image': 'x' } },
    ]
    const style = withLeastText({ version: 8, sources: {}, layers }, 13)

    expect(style.layers[0]).toMatchObject({ layout: { 'text-size': 13 } })
    expect(style.layers[1]).toEqual(layers[1])
  })
})
