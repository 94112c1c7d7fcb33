import { expect, test } from 'vitest'
import { COLOUR_OF, SHAPE_OF, STATUSES, statusOf } from '../src/map/status'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-22T12:00:00Z')
const reported = (hoursAgo: number) => new Date(NOW - hoursAgo * HOUR).toISOString()

test.each([
  ['REPORTED', 1, null, 'watch'],
  ['FILED', 1, null, 'notice'],
  ['FILED', 25, null, 'serious'],
  ['HANDLING', 80, null, 'critical'],
  ['HANDLED', 80, null, 'done'],
  ['CLOSED', 1, null, 'idle'],
  ['FILED', 1, -1, 'critical'],
  ['FILED', 9, 1, 'serious'],
  ['FILED', 100, 100, 'notice'],
])('%s, reported %d h ago, %s h left, is %s', (stage, hours, left, status) => {
  const deadline_at = left === null ? null : new Date(NOW + left * HOUR).toISOString()

  expect(statusOf({ stage, reported_at: reported(hours), deadline_at }, NOW)).toBe(status)
})

test('what waits with permission is quiet', () => {
  const waiting = { stage: 'FILED', waiting: 'suspended', reported_at: reported(90), deadline_at: null }

  expect(statusOf(waiting, NOW)).toBe('idle')
})

test('no two statuses share both colour and shape', () => {
  for (const theme of ['dark', 'light'] as const) {
    const looks = STATUSES.map((status) => `${SHAPE_OF[status]} ${COLOUR_OF[theme][status]}`)
    expect(new Set(looks).size).toBe(STATUSES.length)
  }
})
