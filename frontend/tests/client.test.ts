import { expect, test } from 'vitest'
import { fieldsOf, query } from '../src/api/client'

test('what is wrong with a field inside a field is found by its path', () => {
  const said = { city: { name: ['Blank.', 'Short.'] }, key: 'Wrong.', list: { 0: ['Not a number.'] } }

  expect(fieldsOf(said)).toEqual({ 'city.name': 'Blank. Short.', key: 'Wrong.', 'list.0': 'Not a number.' })
  expect(fieldsOf(undefined)).toEqual({})
})

test('empty values are left out of an address', () => {
  expect(query({ q: '井盖 1', page: 2, mine: false, stage: '', unit: null })).toBe(
    '?q=%E4%BA%95%E7%9B%96+1&page=2',
  )
})
