// What to call a row. What has no key is nobody's: outside of the grid, or not said.
import type { Dictionary } from '../i18n/index.svelte'
import { named } from '../i18n/index.svelte'
import type { Row } from './rates'

export function nameOf(row: Row, words: Dictionary['indicators']): string {
  if (!row.key) return words.none
  return named(row.name, row.name_en) || row.key
}
