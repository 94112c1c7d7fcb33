// What the bench does with the ground round the cells: a border round a building, households of a split, the check.
import { describe, expect, test } from 'vitest'
import { Coverage, type DrawnCell } from '../../src/workshop/model/coverage'
import { cut } from '../../src/workshop/model/cut'
import { lint, RULES } from '../../src/workshop/model/lint'
import type { Point } from '../../src/workshop/model/point'
import { Refusal } from '../../src/workshop/model/refusal'
import { ResponsibilityGrids } from '../../src/workshop/model/responsibility'
import { goesThrough } from '../../src/workshop/model/round-building'
import { inWholes, shareHouseholds } from '../../src/workshop/model/share-households'
import { Surroundings } from '../../src/workshop/model/surroundings'

/** Units in some 10 m. */
const M10 = 12_000
const square = (key: string, west: number, east: number, more: Partial<DrawnCell> = {}): DrawnCell => ({
  key,
  code: `91010100100100${key.slice(1)}`,
  name: '',
  kind: 'GENERAL',
  households: 400,
  community: 1,
  from: [],
  rings: [
    (
      [
        [west, 0],
        [east, 0],
        [east, 20],
        [west, 20],
      ] as Point[]
    ).map(([x, y]): Point => [x * M10, y * M10]),
  ],
  ...more,
})
const two = () => Coverage.of([square('c1', 0, 20), square('c2', 20, 40)])
const house = (...corners: [number, number][]): Point[] => corners.map(([x, y]) => [x * M10, y * M10])
const around = (buildings: { ring: Point[]; dwellings: number | null }[]) => {
  const made = new Surroundings()
  made.set([], buildings, { west: -1e9, south: -1e9, east: 1e9, north: 1e9 })
  return made
}
const SHAPES: Record<string, Point[]> = {
  box: house([17, 8], [22, 8], [22, 12], [17, 12]),
  clockwise: house([17, 12], [22, 12], [22, 8], [17, 8]),
  ell: house([16, 6], [23, 6], [23, 9], [21, 9], [21, 13], [16, 13]),
  // The border's whole length between two arms is inside the notch.
  notched: house([15, 5], [25, 5], [25, 15], [23, 15], [23, 7], [17, 7], [17, 15], [15, 15]),
}

describe.each(Object.entries(SHAPES))('a border through a building (%s)', (_, ring) => {
  test('goes round it, and the grid stays seamless', () => {
    const coverage = two()
    const ground = around([{ ring, dwellings: null }])
    const finding = lint(coverage, ['c1'], ground).find(({ code }) => code === 'THROUGH_BUILDING')
    const areas = () => [...coverage.cells.values()].map(({ rings }) => coverage.area2(rings[0] ?? []))
    const before = areas()

    coverage.edit('fix', finding?.fix ?? (() => expect.unreachable()))

    for (const key of ['c1', 'c2'])
      expect(lint(coverage, [key], ground).map(({ code }) => code)).not.toContain('THROUGH_BUILDING')
    expect(areas().reduce((sum, one) => sum + one)).toBe(before.reduce((sum, one) => sum + one))
    coverage.undo()
    expect(areas()).toEqual(before)
  })
})

test('a corner of the border inside a building is moved out of it', () => {
  const corner: Point = [20 * M10, 10 * M10]
  const with_ = (at: DrawnCell, i: number): DrawnCell => ({
    ...at,
    rings: at.rings.map((ring) => [...ring.slice(0, i), corner, ...ring.slice(i)]),
  })
  const coverage = Coverage.of([with_(square('c1', 0, 20), 2), with_(square('c2', 20, 40), 4)])
  const ring = SHAPES.box as Point[]
  const [finding] = lint(coverage, ['c1'], around([{ ring, dwellings: null }])).filter(
    ({ code }) => code === 'THROUGH_BUILDING',
  )

  coverage.edit('fix', finding?.fix ?? (() => expect.unreachable()))

  const outline = coverage.outline(coverage.cell('c1').rings[0] ?? [])
  expect(outline.some((at, i) => goesThrough(at, outline[(i + 1) % outline.length] as Point, ring))).toBe(
    false,
  )
})

test('a building on the outer border is no reason to move that', () => {
  const coverage = two()
  const ground = around([{ ring: house([8, -2], [12, -2], [12, 2], [8, 2]), dwellings: null }])
  const [finding] = lint(coverage, ['c1'], ground).filter(({ code }) => code === 'THROUGH_BUILDING')

  expect(() => coverage.edit('fix', finding?.fix ?? (() => undefined))).toThrow(Refusal)
})

function split(buildings: { ring: Point[]; dwellings: number | null }[], isKnown = true) {
  const coverage = two()
  const ground = around(buildings)
  if (!isKnown) ground.known = null
  let basis: string | null = null
  coverage.edit('cut', () => {
    const stroke: Point[] = [
      [-M10, 5 * M10],
      [21 * M10, 5 * M10],
    ]
    const { parted } = cut(coverage, stroke, () => 'n9', new Set(['c1']))
    const keys = parted.flatMap(({ cell, parts }) => [cell, ...parts])
    basis = shareHouseholds(coverage, ground, keys)
  })
  return [basis, coverage.cell('c1').households, coverage.cell('n9').households]
}

test('households of a divided cell follow dwellings, else buildings, else ground', () => {
  const south = house([2, 1], [4, 1], [4, 3], [2, 3])
  const north = house([2, 10], [4, 10], [4, 12], [2, 12])

  expect(
    split([
      { ring: south, dwellings: 30 },
      { ring: north, dwellings: 10 },
    ]),
  ).toEqual(['dwellings', 100, 300])
  expect(
    split([
      { ring: south, dwellings: null },
      { ring: north, dwellings: null },
    ]),
  ).toEqual(['buildings', 200, 200])
  expect(split([])).toEqual(['area', 300, 100])
  expect(split([{ ring: south, dwellings: 30 }], false)).toEqual(['area', 300, 100])
})

test('shares are whole and add up', () => {
  expect(inWholes(10, [1, 1, 1])).toEqual([4, 3, 3])
  expect(inWholes(7, [0, 5])).toEqual([0, 7])
})

test('households are judged by responsibility grid: two cells of one worker together', () => {
  const coverage = Coverage.of([square('c1', 0, 20), square('c2', 20, 40)])
  const codes = new Map([
    [1, coverage.cell('c1').code],
    [2, coverage.cell('c2').code],
  ])
  const grids = new ResponsibilityGrids([[...codes.values()]], new Map(), codes)

  expect(lint(coverage, ['c1'], new Surroundings()).map(({ code }) => code)).not.toContain('MANY_HOUSEHOLDS')
  const [finding] = lint(coverage, ['c1'], new Surroundings(), RULES, grids)
  expect(finding).toMatchObject({ code: 'MANY_HOUSEHOLDS', value: 800, cells: 2 })
  const wide = lint(coverage, ['c1'], new Surroundings(), { ...RULES, most_households: 900 }, grids)
  expect(wide.map(({ code }) => code)).not.toContain('MANY_HOUSEHOLDS')
})

test('a part of a split stays in the responsibility grid of its cell', () => {
  const coverage = two()
  const codes = new Map([[1, coverage.cell('c1').code]])
  const grids = new ResponsibilityGrids([[...codes.values()]], new Map(), codes)

  coverage.edit('cut', () =>
    cut(
      coverage,
      [
        [-M10, 5 * M10],
        [21 * M10, 5 * M10],
      ],
      () => 'n9',
      new Set(['c1']),
    ),
  )

  expect(grids.of(coverage, ['n9'])[0]).toMatchObject({ households: 400 })
})
