import { expect, test } from 'vitest'
import { afterLogin } from '../src/state/sign-in'

test.each([
  ['?next=%2F%3Ftest%23pick%3Dcell%3A1', '/?test#pick=cell:1'],
  ['?next=%2F%2Fevil.example', '/'],
  ['?next=%2F%5Cevil.example', '/'],
  ['?next=https%3A%2F%2Fevil.example', '/'],
  ['?next=javascript%3Aalert(1)', '/'],
  ['?next=%2Flogin', '/'],
  ['', '/'],
])('%s leads to %s', (search, path) => {
  expect(afterLogin(search)).toBe(path)
})
