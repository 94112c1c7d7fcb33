// The editor's model under node, driven over standard input: one JSON document a line in, one a line out. D1
// (tests/benchmarks/d1_editor.py) does the same edits here and in the database and compares the bits.
import { createInterface } from 'node:readline'
import { bodyOf } from '../../src/workshop/edit-body'
import { Coverage, type DrawnCell } from '../../src/workshop/model/coverage'
import { faults } from './audit'
import { EXTENT_VERBS, randomEdit, seeded, VERBS } from './made-up'

interface Order {
  load?: DrawnCell[]
  seed?: number
  /** `extends`: also edits that change the extent. */
  edit?: { extends?: boolean }
  rename?: { from: string; to: string; code: string }[]
  dump?: boolean
  audit?: boolean
}

let coverage = Coverage.of([])
let random = seeded(1)

function follow(order: Order): unknown {
  if (order.load) {
    coverage = Coverage.of(order.load)
    random = seeded(order.seed ?? 1)
    return { cells: coverage.cells.size }
  }
  if (order.edit) {
    const done = randomEdit(coverage, random, order.edit.extends ? [...VERBS, ...EXTENT_VERBS] : VERBS)
    const body = done.change ? bodyOf(coverage, coverage.touched(done.change), done.change, done.verb) : null
    return { verb: done.verb, refusal: done.refusal?.reason ?? null, body }
  }
  if (order.rename) {
    for (const { from, to, code } of order.rename) coverage.rename(from, to, code)
    return {}
  }
  if (order.audit) return { faults: faults(coverage) }
  return {
    cells: [...coverage.cells.values()].map((cell) => ({
      key: cell.key,
      community: cell.community,
      rings: coverage.drawn(cell),
    })),
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(follow(JSON.parse(line) as Order))}\n`)
