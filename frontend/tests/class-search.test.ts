import { expect, test } from 'vitest'
import { type ClassChoice, searchClasses } from '../src/report/class-search'

const choice = (kind: 'asset' | 'event', code: string, name_zh: string, name_en: string): ClassChoice => ({
  kind,
  code,
  name_zh,
  name_en,
  major_zh: '公用设施',
  major_en: 'Public facilities',
  icon: '',
})
const CLASSES = [
  choice('asset', '0102', '污水井盖', 'Sewer manhole cover'),
  choice('asset', '0106', '路灯井盖', 'Street light manhole cover'),
  choice('asset', '0137', '路灯', 'Street light'),
  choice('event', '0506', '道路积水', 'Road waterlogging'),
]
const codes = (query: string) => searchClasses(CLASSES, query).map(({ code }) => code)

test.each([
  ['井盖', ['0102', '0106']],
  ['路灯', ['0137', '0106']],
  ['manhole', ['0102', '0106']],
  ['lamp', ['0137', '0106']],
  ['积水', ['0506']],
  ['flood', ['0506']],
  ['0137', ['0137']],
  ['sewer cover', ['0102']],
  ['teapot', []],
  ['js', ['0506']],
  ['jishui', ['0506']],
  ['ld', ['0137', '0106']],
  ['jinggai', ['0102', '0106']],
])('%s finds %j', (query, found) => {
  expect(codes(query)).toEqual(found)
})

test('an empty search offers everything', () => {
  expect(codes('  ')).toHaveLength(4)
})
