import { describe, expect, it } from 'vitest'
import type { UnitCoverage } from '../src/api/types'
import { streetOf } from '../src/wall/coverage'

const unit: UnitCoverage = {
  code: '990101001',
  name: '一街',
  name_en: 'First',
  due_m: 400,
  walked_m: 100,
  driven_m: 50,
  due_m2: 0,
  seen_m2: 0,
  last_visit_at: '2026-11-22T08:00:00Z',
}

describe('coverage of a street', () => {
  it('is what was walked of what is due; what was driven is no part of it', () => {
    expect(streetOf(unit).share).toBe(0.25)
  })

  it('is unknown where nobody has ever walked with a device, and nothing where nobody walked today', () => {
    expect(streetOf({ ...unit, walked_m: 0, last_visit_at: null }).share).toBeNull()
    expect(streetOf({ ...unit, walked_m: 0 }).share).toBe(0)
  })

  it('is unknown where no street is to be patrolled', () => {
    expect(streetOf({ ...unit, due_m: 0 }).share).toBeNull()
  })
})
