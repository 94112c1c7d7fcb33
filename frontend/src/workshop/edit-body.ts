// A step of the editor as the server is to have it.
import type { Cell, CellKey, Change, Coverage } from './model/coverage'
import type { Point } from './model/point'

export interface Put {
  key: CellKey
  version: number
  community_id: number
  kind: string
  name: string
  households: number | null
  from: readonly number[]
  rings: Point[][]
  extent?: { reason: string }
}

export interface EditBody {
  idempotency_key: string
  title: string
  puts: Put[]
  removes: { key: CellKey; version: number; extent?: { reason: string } }[]
}

/** A number that nobody else's new cell has: several people may draw in one draft. */
export const freshKey = (): CellKey => `n${1 + Math.floor(Math.random() * 1e15)}`

export const freshName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** A step as the server is to have it; versions are put in when it is sent. */
export function bodyOf(
  coverage: Coverage,
  touched: Iterable<CellKey>,
  change: Change,
  title: string,
): EditBody {
  const body: EditBody = { idempotency_key: freshName(), title, puts: [], removes: [] }
  const leave = change.extent ? { extent: { reason: change.extent } } : {}
  for (const key of touched) {
    const cell = coverage.cells.get(key)
    if (cell) body.puts.push({ ...putOf(coverage, cell), ...leave })
    else body.removes.push({ key, version: 0, ...leave })
  }
  return body
}

export const putOf = (coverage: Coverage, cell: Cell): Put => ({
  key: cell.key,
  version: 0,
  community_id: cell.community,
  kind: cell.kind,
  name: cell.name,
  households: cell.households,
  from: cell.from,
  rings: coverage.drawn(cell),
})
