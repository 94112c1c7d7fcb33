import { describe, expect, test } from 'vitest'
import { Coverage } from '../../src/workshop/model/coverage'
import { cut } from '../../src/workshop/model/cut'
import { Gesture, moving } from '../../src/workshop/model/gesture'
import { fillGap, newCell, takeAway } from '../../src/workshop/model/land'
import { merge, newBorder } from '../../src/workshop/model/merge'
import type { Point } from '../../src/workshop/model/point'
import { Refusal } from '../../src/workshop/model/refusal'
import { cornerAt, handOver, removeCorner, wholeBorder } from '../../src/workshop/model/reshape'
import { faults, ground2, written } from './audit'
import {
  board,
  CORNER,
  EXTENT_VERBS,
  facts,
  fresh,
  islands,
  randomEdit,
  SIDE,
  seeded,
  VERBS,
} from './made-up'

const at = (x: number, y: number): Point => [
  CORNER[0] + Math.round(x * SIDE),
  CORNER[1] + Math.round(y * SIDE),
]
const nodeAt = (coverage: Coverage, x: number, y: number): number => {
  const node = coverage.nodeAt(at(x, y))
  if (node === null) throw new Error(`no corner at ${x} ${y}`)
  return node
}
const refusalOf = (work: () => unknown): Refusal => {
  try {
    work()
  } catch (reason) {
    if (reason instanceof Refusal) return reason
    throw reason
  }
  throw new Error('was not refused')
}

describe('corners and borders', () => {
  test('a corner moves for all cells that meet there', () => {
    const coverage = Coverage.of(board(3, 3))

    const change = coverage.edit('move', () => coverage.move(nodeAt(coverage, 1, 1), at(1.2, 1.3)))

    expect([...coverage.touched(change)].sort()).toEqual(['c1', 'c2', 'c4', 'c5'])
    expect(faults(coverage)).toEqual([])
  })

  test('a corner dragged over the next border stops before it, and says why and where', () => {
    const coverage = Coverage.of(board(3, 3))
    const gesture = new Gesture(coverage, 'move', moving(coverage, [nodeAt(coverage, 1, 1)]))

    const { refusal } = gesture.to([2 * SIDE, 0])
    gesture.end()

    expect(refusal?.reason).toBe('CROSSING')
    expect(coverage.at(nodeAt(coverage, 1, 0))).toEqual(at(1, 0))
    const stopped = [...coverage.cells.values()].flatMap((cell) => coverage.drawn(cell)[0] ?? [])
    const reached = Math.max(
      ...stopped
        .filter(([, y]) => y === at(1, 1)[1])
        .map(([x]) => x)
        .filter((x) => x < at(2, 1)[0]),
    )
    expect(reached).toBeGreaterThan(at(1.9, 1)[0])
    expect(faults(coverage)).toEqual([])
  })

  test('a whole drag is one step to undo, to the same bits', () => {
    const coverage = Coverage.of(board(3, 3))
    const before = written(coverage)
    const gesture = new Gesture(coverage, 'move', moving(coverage, [nodeAt(coverage, 1, 1)]))
    for (const x of [0.1, 0.2, 5, 0.3]) gesture.to([Math.round(x * SIDE), 0])
    gesture.end()
    const after = written(coverage)

    coverage.undo()
    expect(written(coverage)).toBe(before)
    coverage.redo()
    expect(written(coverage)).toBe(after)
  })

  test('a gesture that is dropped leaves everything as it was', () => {
    const coverage = Coverage.of(board(2, 2))
    const before = written(coverage)
    const gesture = new Gesture(coverage, 'move', moving(coverage, [nodeAt(coverage, 1, 1)]))
    gesture.to([5000, 5000])
    gesture.drop()

    expect(written(coverage)).toBe(before)
    expect(coverage.canUndo).toBeNull()
  })

  test('the outer border stays unless the extent is changed by name', () => {
    const coverage = Coverage.of(board(2, 2))
    const out = () => coverage.move(nodeAt(coverage, 2, 2), at(2.5, 2.5))

    expect(refusalOf(() => coverage.edit('move', out)).reason).toBe('EXTENT')
    coverage.edit('move', out, 'new harbour')

    expect(faults(coverage)).toEqual([])
  })

  test('a new corner belongs to both cells, and can be taken out again', () => {
    const coverage = Coverage.of(board(2, 1))
    const before = written(coverage)
    const [low, high] = [nodeAt(coverage, 1, 0), nodeAt(coverage, 1, 1)]

    coverage.edit('insert', () => coverage.move(cornerAt(coverage, low, high, at(1, 0.5)), at(1.2, 0.5)))
    const corner = nodeAt(coverage, 1.2, 0.5)
    expect([...coverage.cellsAt(corner)].sort()).toEqual(['c1', 'c2'])
    expect(wholeBorder(coverage, low, corner)).toEqual([low, corner, high])
    coverage.edit('remove', () => removeCorner(coverage, corner))

    expect(written(coverage)).toBe(before)
  })

  test('where three borders meet the corner stays', () => {
    const coverage = Coverage.of(board(3, 3))

    expect(
      refusalOf(() => coverage.edit('remove', () => removeCorner(coverage, nodeAt(coverage, 1, 1)))).reason,
    ).toBe('JUNCTION')
  })
})

describe('dividing and merging', () => {
  test('one stroke divides all the cells that it crosses', () => {
    const coverage = Coverage.of(board(3, 1))
    const ground = ground2(coverage)

    coverage.edit('cut', () => cut(coverage, [at(-0.5, 0.4), at(3.5, 0.6)], fresh))

    expect(coverage.cells.size).toBe(6)
    expect(faults(coverage)).toEqual([])
    expect(Math.abs(Number(ground2(coverage) - ground))).toBeLessThan(4 * SIDE)
    expect([...coverage.cells.values()].reduce((sum, { households }) => sum + (households ?? 0), 0)).toBe(
      1200,
    )
  })

  test('a stroke through a hole divides both the cell around and the one inside', () => {
    const coverage = Coverage.of(islands())

    coverage.edit('cut', () => cut(coverage, [at(-1, 2.2), at(3.9, 2.2), at(4.5, 3)], fresh))

    expect(coverage.cells.size).toBe(7)
    expect(faults(coverage)).toEqual([])
    expect([...coverage.cells.values()].every(({ rings }) => rings.length === 1)).toBe(true)
  })

  test('a stroke that ends inside a cell divides nothing and leaves no corners', () => {
    const coverage = Coverage.of(board(2, 1))
    const before = written(coverage)

    expect(
      refusalOf(() => coverage.edit('cut', () => cut(coverage, [at(-0.5, 0.5), at(0.5, 0.5)], fresh))).reason,
    ).toBe('NO_CUT')
    expect(written(coverage)).toBe(before)
  })

  test('merging gives back what was divided', () => {
    const coverage = Coverage.of(board(1, 1))
    coverage.edit('cut', () => cut(coverage, [at(0.5, -1), at(0.5, 2)], () => 'n1'))

    coverage.edit('merge', () => merge(coverage, ['c1', 'n1']))

    expect([...coverage.cells.keys()]).toEqual(['c1'])
    expect(coverage.cell('c1').households).toBe(400)
    expect(faults(coverage)).toEqual([])
  })

  test('cells round a yard merge to one with a hole', () => {
    const coverage = Coverage.of(board(3, 3))

    coverage.edit('merge', () => merge(coverage, ['c1', 'c2', 'c3', 'c4', 'c6', 'c7', 'c8', 'c9']))

    expect(coverage.cell('c1').rings.map((ring) => ring.length)).toEqual([12, 4])
    expect(faults(coverage)).toEqual([])
  })

  test('cells apart, and cells of two communities, are not merged', () => {
    const coverage = Coverage.of(board(3, 1))
    expect(refusalOf(() => coverage.edit('merge', () => merge(coverage, ['c1', 'c3']))).reason).toBe('APART')
    coverage.edit('hand over', () => handOver(coverage, ['c2'], 2))

    expect(refusalOf(() => coverage.edit('merge', () => merge(coverage, ['c1', 'c2']))).reason).toBe(
      'COMMUNITIES',
    )
  })

  test('a new border gives the ground on the chosen side to the neighbour there', () => {
    const coverage = Coverage.of(board(2, 1))
    const area = (key: string) => coverage.area2(coverage.cell(key).rings[0] ?? [])
    const stroke = [at(1.4, -0.5), at(1.4, 1.5)]

    coverage.edit('border', () => newBorder(coverage, stroke, 'left', new Set(['c2'])))

    expect([...coverage.cells.keys()].sort()).toEqual(['c1', 'c2'])
    expect(area('c1') / area('c2')).toBeCloseTo(1.4 / 0.6, 3)
    expect(faults(coverage)).toEqual([])
  })
})

describe('land', () => {
  test('a cell drawn over the shore has only the free ground, corner to corner with the others', () => {
    const coverage = Coverage.of(board(2, 2))

    coverage.edit(
      'new',
      () =>
        newCell(coverage, [at(1.5, 0.5), at(3, 0.5), at(3, 1.5), at(1.5, 1.5)], { ...facts, from: [] }, 'n1'),
      'new harbour',
    )

    expect(coverage.area2(coverage.cell('n1').rings[0] ?? [])).toBe(2 * SIDE * SIDE)
    expect(coverage.cell('n1').rings[0]).toHaveLength(5)
    expect(faults(coverage)).toEqual([])
  })

  test('places of the ring that lie on the shore, but for rounding, are corners of it', () => {
    const coverage = Coverage.of(board(2, 2))
    coverage.edit(
      'slanted shore',
      () => coverage.move(nodeAt(coverage, 2, 1), [at(2.3, 1)[0] + 7, at(2, 1)[1] + 3]),
      'test',
    )
    const [low, high] = [at(2, 0), coverage.at(coverage.nodeAt([at(2.3, 1)[0] + 7, at(2, 1)[1] + 3]) ?? 0)]
    const onShore = (part: number): Point => [
      Math.round(low[0] + (high[0] - low[0]) * part),
      Math.round(low[1] + (high[1] - low[1]) * part),
    ]

    for (const [from, to] of [
      [0.3, 0.7],
      [0.11, 0.19],
    ] as const)
      coverage.edit(
        'new',
        () =>
          newCell(
            coverage,
            [onShore(from), at(4, from), at(4, to), onShore(to)],
            { ...facts, from: [] },
            fresh(),
          ),
        'harbour',
      )

    expect(coverage.cells.size).toBe(6)
    expect(faults(coverage)).toEqual([])
  })

  test('a cell drawn round an island has it as its hole', () => {
    const coverage = Coverage.of(board(1, 1))

    coverage.edit(
      'new',
      () => newCell(coverage, [at(-1, -1), at(2, -1), at(2, 2), at(-1, 2)], { ...facts, from: [] }, 'n1'),
      'sea',
    )

    expect(coverage.cell('n1').rings.map((ring) => ring.length)).toEqual([4, 4])
    expect(faults(coverage)).toEqual([])
  })

  test('where a cell was taken away the gap can be filled whole', () => {
    const coverage = Coverage.of(board(3, 3))
    coverage.edit('away', () => takeAway(coverage, 'c5'), 'lake')

    coverage.edit('fill', () => fillGap(coverage, at(1.5, 1.5), { ...facts, from: [] }, 'n1'), 'lake dried')

    expect(coverage.area2(coverage.cell('n1').rings[0] ?? [])).toBe(2 * SIDE * SIDE)
    expect(faults(coverage)).toEqual([])
  })

  test('an island dragged whole onto another cell is refused', () => {
    const coverage = Coverage.of([...board(2, 2), ...islands().slice(3, 4)])
    const nodes = coverage.cell('c4').rings.flat()
    const small = coverage.nodeCount

    const refusal = refusalOf(() =>
      coverage.edit(
        'move',
        () =>
          nodes.forEach((node, i) => {
            coverage.move(node, at(0.4 + (i % 3 ? 0.1 : 0), 0.4 + (i > 1 ? 0.1 : 0)))
          }),
        'test',
      ),
    )

    expect(refusal.reason).toBe('OVERLAP')
    expect(coverage.nodeCount).toBe(small)
  })
})

test('what others saved is taken over, and own steps on other ground can still be undone', () => {
  const mine = Coverage.of(board(4, 1))
  mine.edit('near', () => handOver(mine, ['c1'], 2))
  mine.edit('far', () => handOver(mine, ['c4'], 2))
  mine.undo()
  mine.undo()
  mine.edit('far', () => handOver(mine, ['c4'], 1))
  const theirs = Coverage.of(board(4, 1))
  theirs.edit('cut', () => cut(theirs, [at(0.5, -1), at(0.5, 2)], () => 'n7'))
  const saved = ['c1', 'n7'].map((key) => ({ ...theirs.cell(key), rings: theirs.drawn(theirs.cell(key)) }))

  mine.adopt(saved, [])

  expect(written(mine)).toBe(written(theirs))
  expect(mine.canUndo?.title).toBe('far')
})

describe('random edits leave a seamless grid', () => {
  const seeds = [1, 2, 3, 4]
  for (const seed of seeds)
    test(`seed ${seed}`, () => {
      const random = seeded(seed)
      const coverage = Coverage.of(
        (seed === 4 ? islands() : board(6, 5, random)).map((cell, i) => ({
          ...cell,
          community: 1 + (i % 2),
        })),
      )
      const first = written(coverage)
      const verbs = seed === 3 ? [...VERBS, ...EXTENT_VERBS] : VERBS
      const count = { done: 0, refused: 0 }
      for (let i = 0; i < 400; i++) {
        const before = written(coverage)
        const { verb, refusal } = randomEdit(coverage, random, verbs)
        if (refusal && !['corner', 'edge', 'border', 'rim'].includes(verb))
          expect(written(coverage), `${verb} refused, edit ${i}`).toBe(before)
        if (i % 4 === 0) expect(faults(coverage), `${verb}, edit ${i}`).toEqual([])
        count[refusal ? 'refused' : 'done']++
      }
      expect(count.done).toBeGreaterThan(100)
      expect(count.refused).toBeGreaterThan(5)
      while (coverage.undo());
      expect(written(coverage)).toBe(first)
    })
})
