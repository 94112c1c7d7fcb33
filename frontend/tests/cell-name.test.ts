import { afterEach, expect, test, vi } from 'vitest'
import { cellName, lang } from '../src/i18n/index.svelte'

// The module asks the browser for its language as it is loaded.
vi.hoisted(() => vi.stubGlobal('navigator', { language: 'en-GB' }))

const CELL = { code: '990101001001001', name: '广场第1网格', name_en: 'Market Square cell 1' }
const before = lang.current

afterEach(() => {
  lang.current = before
})

test("a cell is called by its name in the reader's language", () => {
  lang.current = 'zh'
  expect(cellName(CELL)).toBe('广场第1网格')
  lang.current = 'en'
  expect(cellName(CELL)).toBe('Market Square cell 1')
})

test('where that is missing the other name stands, else the code', () => {
  lang.current = 'en'
  expect(cellName({ ...CELL, name_en: '' })).toBe('广场第1网格')
  expect(cellName({ ...CELL, name: '', name_en: '' })).toBe('990101001001001')
  expect(cellName(null)).toBe('')
})
