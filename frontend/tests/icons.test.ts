import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { iconPath } from '../src/map/icons'

const CATALOGUE = new URL('../../assets/catalogue/icons.toml', import.meta.url)

test('every icon of the catalogue is in the bundle', () => {
  const names = existsSync(CATALOGUE)
    ? [...readFileSync(CATALOGUE, 'utf8').matchAll(/"((?:temaki|maki):[\w-]+)"/g)].map(([, name]) => name)
    : []

  expect(names.filter((name) => iconPath(name) === null)).toEqual([])
})

test('a drawing is found by its set, or by its name alone', () => {
  expect(iconPath('temaki:water')).not.toBe(iconPath('maki:water'))
  expect(iconPath('water')).toBe(iconPath('temaki:water'))
  expect(iconPath('temaki:teapot')).toBeNull()
})
