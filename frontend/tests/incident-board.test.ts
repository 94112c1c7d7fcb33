import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Change, IncidentRow } from '../src/api/types'
import { IncidentBoard } from '../src/state/incident-board.svelte'

const NUMBER = '20261122-000007'
const SOON_MS = 1000

function change(properties: Record<string, unknown>, op = 'insert'): Change {
  return {
    kind: 'incident',
    ref: NUMBER,
    op,
    units: ['091001001001'],
    at: new Date().toISOString(),
    feature: { type: 'Feature', geometry: { type: 'Point', coordinates: [24.94, 60.17] }, properties },
  }
}
const told = { number: NUMBER, stage: 'REPORTED', class_zh: '污水井盖', class_en: 'Sewer manhole cover' }
const full = (stage: string): Partial<IncidentRow> => ({
  number: NUMBER,
  stage,
  description: 'missing',
  reported_at: new Date().toISOString(),
})
const answers: (() => Promise<Response>)[] = []

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { cookie: '', documentElement: { lang: 'en' } })
  vi.stubGlobal('fetch', () => answers.shift()?.() ?? new Promise(() => undefined))
})
afterEach(() => {
  answers.length = 0
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a new incident is on the board before the server has answered anything', () => {
  const board = new IncidentBoard()

  board.apply(change({ ...told, reported_at: new Date().toISOString() }))

  expect(board.rows).toMatchObject([{ number: NUMBER, lng: 24.94, lat: 60.17, class_zh: '污水井盖' }])
  expect(board.fresh.has(NUMBER)).toBe(true)
})

test('what the event does not say is filled in by the answer', async () => {
  answers.push(async () => Response.json(full('FILED')))
  const board = new IncidentBoard()

  board.apply(change(told))

  await vi.advanceTimersByTimeAsync(SOON_MS)

  expect(board.rows[0]?.description).toBe('missing')
})

test('an incident that was over before it was heard of is not asked about', async () => {
  const asked = vi.fn(() => new Promise<Response>(() => undefined))
  vi.stubGlobal('fetch', asked)
  const board = new IncidentBoard()

  for (const stage of ['EVALUATED', 'REJECTED', 'CLOSED']) board.apply(change({ ...told, stage }))
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(asked).not.toHaveBeenCalled()

  board.apply(change(told))
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(asked).toHaveBeenCalledTimes(1)
})

test('a closed incident leaves the board', () => {
  const board = new IncidentBoard()
  board.apply(change(told))

  board.apply(change({ ...told, stage: 'CLOSED' }, 'update'))

  expect(board.rows).toEqual([])
})

test('an incident that went out of my sight leaves the board', async () => {
  const board = new IncidentBoard()
  board.apply(change(told))
  answers.push(async () => Response.json({ code: 'not_found' }, { status: 404 }))

  board.apply({ kind: 'incident', ref: NUMBER, op: 'update', units: [], at: '' })

  await vi.advanceTimersByTimeAsync(SOON_MS)

  expect(board.rows).toEqual([])
})

test('the list is searched in both languages', () => {
  const board = new IncidentBoard()
  board.apply(change(told))

  for (const [text, found] of [
    ['井盖', 1],
    ['manhole sewer', 1],
    ['000007', 1],
    ['tree', 0],
  ] as const) {
    board.setFilter({ text })
    expect(board.rows).toHaveLength(found)
  }
})
