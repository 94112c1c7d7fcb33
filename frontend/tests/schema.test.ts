import { readFileSync } from 'node:fs'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, test } from 'vitest'

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

test('the generated types are those of the OpenAPI document (npm run types)', async () => {
  const made = COMMENT_HEADER + astToString(await openapiTS(text('../openapi.json')))

  expect(text('../src/api/schema.ts')).toBe(made)
}, 60_000)
