// How much of a street (街道) was walked today, as the panel shows it.

import type { UnitCoverage } from '../api/types'

/** A share of null: nobody has ever walked there with a device. */
export interface StreetCoverage {
  code: string
  name: string
  name_en: string
  share: number | null
  walked_m: number
  all_m: number
}

export const streetOf = (unit: UnitCoverage): StreetCoverage => ({
  code: unit.code,
  name: unit.name,
  name_en: unit.name_en,
  share: unit.last_visit_at === null || unit.due_m === 0 ? null : unit.walked_m / unit.due_m,
  walked_m: unit.walked_m,
  all_m: unit.due_m,
})
