import { describe, expect, it } from 'vitest'
import { type Corner, holds } from '../src/desk/lasso'

const SQUARE: Corner[] = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
]

describe('a line drawn round cases', () => {
  it('holds what lies inside and nothing beside it', () => {
    expect(holds(SQUARE, [5, 5])).toBe(true)
    expect(holds(SQUARE, [15, 5])).toBe(false)
    expect(holds(SQUARE, [-1, 5])).toBe(false)
    expect(holds([], [5, 5])).toBe(false)
  })

  it('leaves out a bay that was drawn round', () => {
    const bay: Corner[] = [
      [0, 0],
      [10, 0],
      [10, 10],
      [6, 10],
      [6, 4],
      [4, 4],
      [4, 10],
      [0, 10],
    ]
    expect(holds(bay, [5, 8])).toBe(false)
    expect(holds(bay, [2, 8])).toBe(true)
  })
})
