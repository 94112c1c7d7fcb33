import { expect, test } from 'vitest'
import { en } from '../src/i18n/en'
import { ago, area, isToday, listed, moment } from '../src/i18n/format'
import { zh } from '../src/i18n/zh'

const HELSINKI = { locale: 'en-GB', zone: 'Europe/Helsinki' }
const NOW = new Date('2026-11-22T22:30:00Z')

test("the city's own midnight divides the days", () => {
  expect(isToday('2026-11-22T22:05:00Z', HELSINKI, NOW)).toBe(true)
  expect(isToday('2026-11-22T21:55:00Z', HELSINKI, NOW)).toBe(false)
  expect(moment('2026-11-22T22:05:00Z', HELSINKI, NOW)).toBe('00:05')
  expect(moment('2026-11-22T21:55:00Z', HELSINKI, NOW)).toBe('22 Nov, 23:55')
})

test('an age is told in the largest unit that fits', () => {
  expect(ago('2026-11-22T22:29:40Z', HELSINKI, en, NOW)).toBe('just now')
  expect(ago('2026-11-22T20:00:00Z', { locale: 'zh-CN', zone: '' }, zh, NOW)).toBe('2小时前')
  expect(ago('nonsense', HELSINKI, en, NOW)).toBe('')
})

test('an area is told in square metres, hectares or square kilometres', () => {
  expect(area(9_400, HELSINKI, en)).toBe('9,400 m²')
  expect(area(43_210, HELSINKI, en)).toBe('4.3 ha')
  expect(area(3_400_000, HELSINKI, en)).toBe('3.4 km²')
})

test('names stand one after the other as the language does it', () => {
  expect(listed(['A', 'B'], HELSINKI)).toBe('A, B')
  expect(listed(['甲', '乙'], { ...HELSINKI, locale: 'zh-CN' })).toBe('甲、乙')
})
