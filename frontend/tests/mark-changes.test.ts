import { expect, test } from 'vitest'
import { changesBetween, type IncidentMark } from '../src/map/mark-changes'

const mark = (number: string, more: Partial<IncidentMark> = {}): IncidentMark => ({
  number,
  lng: 24.94,
  lat: 60.17,
  status: 'watch',
  label: 'Pothole',
  fresh: false,
  ...more,
})

test('a list that says the same again draws nothing', () => {
  expect(changesBetween([mark('1'), mark('2')], [mark('2'), mark('1', { fresh: true })])).toBeNull()
})

test('one new incident is one mark to put there', () => {
  const changes = changesBetween([mark('1')], [mark('1'), mark('2', { lng: 24.95 })])

  expect(changes?.remove).toEqual([])
  expect(changes?.add).toMatchObject([
    { geometry: { coordinates: [24.95, 60.17] }, properties: { number: '2', status: 'watch' } },
  ])
})

test('a mark that moved or looks otherwise is taken away and put there anew', () => {
  const changes = changesBetween(
    [mark('1'), mark('2')],
    [mark('1', { lat: 60.18 }), mark('2', { status: 'done' })],
  )

  expect(changes?.remove).toEqual(['1', '2'])
  expect(changes?.add).toHaveLength(2)
})

test('what is no longer open goes', () => {
  expect(changesBetween([mark('1'), mark('2')], [mark('2')])).toEqual({ remove: ['1'], add: [] })
})
