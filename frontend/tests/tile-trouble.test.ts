import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TileTrouble } from '../src/map/tile-trouble'

const TILE = { z: 16, x: 1, y: 2 }
const LONG_MS = 120_000
let loading: boolean
let asked: unknown[]
let told: boolean[]
let trouble: TileTrouble

beforeEach(() => {
  vi.useFakeTimers()
  loading = false
  asked = []
  told = []
  trouble = new TileTrouble({
    again(source, tiles) {
      asked.push([source, tiles])
      loading = true
    },
    areLoaded: () => !loading,
    tell: (there) => told.push(there),
  })
})
afterEach(() => {
  trouble.forget()
  vi.useRealTimers()
})

test('tiles that failed are asked for again, and the message goes when they have come', () => {
  trouble.failedIn('grid', TILE)
  trouble.failedIn('grid', { ...TILE, x: 2 })
  trouble.settle()
  expect(told).toEqual([true])

  vi.advanceTimersToNextTimer()
  expect(asked).toEqual([['grid', [TILE, { ...TILE, x: 2 }]]])
  trouble.settle()
  expect(told).toEqual([true])

  loading = false
  trouble.settle()
  expect(told).toEqual([true, false])
})

test('while they fail again and again the message stays, and they are asked for ever more rarely', () => {
  trouble.failedIn('grid', TILE)
  const pauses: number[] = []
  for (let turn = 0; turn < 6; turn++) {
    const before = Date.now()
    vi.advanceTimersToNextTimer()
    pauses.push(Date.now() - before)
    loading = false
    trouble.failedIn('grid', TILE)
    trouble.settle()
  }

  expect(told).toEqual([true])
  expect(pauses).toEqual([4000, 8000, 16_000, 32_000, 60_000, 60_000])
})

test('what failed and is no longer in view is no trouble', () => {
  trouble = new TileTrouble({
    again: () => undefined,
    areLoaded: () => true,
    tell: (there) => told.push(there),
  })
  trouble.failedIn('grid', TILE)

  vi.advanceTimersByTime(LONG_MS)

  expect(told).toEqual([true, false])
})
