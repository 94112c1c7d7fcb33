import { describe, expect, it } from 'vitest'
import { kindOf, weekdayOf, weeksOf } from '../src/duty-list/year'
import { hoursOf } from '../src/rules/hours'

const words = {
  weekdays: ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'],
  week: (days: string) => days,
  always: 'always',
  office: { yes: 'office', no: 'not office' },
}
const DAYS = [0, 1, 2, 3, 4, 5, 6]

describe('the hours of a rule', () => {
  it('are always, or said in words', () => {
    expect(hoursOf({ weekdays: DAYS, starts: '00:00:00', ends: '00:00:00', office: null }, words)).toBe(
      'always',
    )
    expect(hoursOf({ weekdays: [4, 0], starts: '22:00:00', ends: '06:00:00', office: false }, words)).toBe(
      'Mo Fr · 22:00–06:00 · not office',
    )
    expect(hoursOf({ weekdays: DAYS, starts: '18:00:00', ends: '00:00:00' }, words)).toBe('18:00–24:00')
  })
})

describe('a year', () => {
  it('has weeks that begin on Monday, and every day once', () => {
    const weeks = Array.from({ length: 12 }, (_, month) => weeksOf(2028, month)).flat()
    const days = weeks.flat().filter(Boolean)
    expect(days).toHaveLength(366)
    expect(new Set(days).size).toBe(366)
    expect(weeks.every((week) => week.length === 7)).toBe(true)
    expect(weeksOf(2026, 0)[0]).toEqual([
      null,
      null,
      null,
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
      '2026-01-04',
    ])
    expect(weekdayOf('2026-11-23')).toBe(0)
  })

  it('tells working days, weekends, holidays and made-up days apart', () => {
    const working = new Set([0, 1, 2, 3, 4])
    expect(kindOf('2026-11-23', undefined, working)).toBe('working')
    expect(kindOf('2026-11-22', undefined, working)).toBe('weekend')
    expect(kindOf('2026-11-23', { day: '2026-11-23', is_working: false }, working)).toBe('holiday')
    expect(kindOf('2026-11-22', { day: '2026-11-22', is_working: true }, working)).toBe('extra')
  })
})
