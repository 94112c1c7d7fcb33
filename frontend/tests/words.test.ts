// Words for codes of the server cannot be type-checked: these tests read the codes where they are defined.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { en } from '../src/i18n/en'
import { zh } from '../src/i18n/zh'

const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Values of a Python StrEnum. */
function valuesOf(path: string, name: string): string[] {
  const [, body = ''] =
    new RegExp(`class ${name}\\(StrEnum\\):\\n([\\s\\S]*?)(?:\\n\\n\\n|$)`).exec(source(path)) ?? []
  return [...body.matchAll(/^ {4}[A-Z_]+ = "([^"]+)"/gm)].map(([, value = '']) => value)
}

const CODES: [
  string,
  string,
  keyof typeof zh &
    ('stages' | 'moves' | 'roles' | 'states' | 'placements' | 'levels' | 'photoRoles' | 'waiting'),
][] = [
  ['incidents/workflow.py', 'Stage', 'stages'],
  ['incidents/workflow.py', 'Move', 'moves'],
  ['incidents/workflow.py', 'Waiting', 'waiting'],
  ['incidents/workflow.py', 'LoopLevel', 'levels'],
  ['geogrid/organisations/roles.py', 'Role', 'roles'],
  ['assets/models.py', 'AssetState', 'states'],
  ['assets/models.py', 'Placement', 'placements'],
  ['assets/photos/models.py', 'PhotoRole', 'photoRoles'],
  ['grid_units/models.py', 'Level', 'levels'],
]

describe.each(CODES)('%s: %s', (path, name, words) => {
  test('has a word for every value, in both languages', () => {
    const values = valuesOf(path, name)

    expect(values.length).toBeGreaterThan(0)
    for (const dictionary of [zh, en]) {
      const known = dictionary[words]
      expect(values.filter((value) => !(value in known) && !(value.toLowerCase() in known))).toEqual([])
    }
  })
})

test('every flag of a receipt has a word', () => {
  const [, list = ''] = /flags = [\s\S]*?choices=\[([\s\S]*?)\]/.exec(source('incidents/cards.py')) ?? []
  const flags = [...list.matchAll(/"(\w+)"/g)].map(([, flag = '']) => flag)

  expect(flags.length).toBeGreaterThan(0)
  expect(flags.filter((flag) => !(flag in zh.flags && flag in en.flags))).toEqual([])
})

/** Paths of all strings in a dictionary. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))
}

test('open lists of words have the same entries in both languages', () => {
  expect(pathsOf(en).sort()).toEqual(pathsOf(zh).sort())
})

test('no word is empty, and Chinese is Chinese', () => {
  // Names that are the same in every language.
  const plain = pathsOf(zh).filter((path) => !/\.(product|otherLanguage|formats\.\w+)$/.test(path))
  const at = (path: string) =>
    path
      .slice(1)
      .split('.')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], zh)
  const wrong = plain.filter((path) => {
    const said = at(path)
    return typeof said === 'string' && !/[\u4e00-\u9fff©]/.test(said)
  })

  expect(wrong).toEqual([])
})
