import type { Change, IncidentRow } from '../api/types'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The row of an incident as far as an event of the live feed tells it, over what was known before. */
export function rowOf({ ref, feature }: Change, known: IncidentRow | undefined): IncidentRow | null {
  const told = feature?.properties
  if (!ref || !told || !text(told.stage)) return null
  const [lng = null, lat = null] = feature.geometry?.coordinates ?? []
  const before = known ?? BLANK
  return {
    ...before,
    number: ref,
    stage: text(told.stage),
    waiting: text(told.waiting),
    level: text(told.level) || before.level,
    lng,
    lat,
    class_zh: text(told.class_zh),
    class_en: text(told.class_en),
    class_code: text(told.cls),
    worker: text(told.worker) || before.worker,
    reported_at: text(told.reported_at) || before.reported_at,
    deadline_at: text(told.deadline_at) || null,
  }
}

const BLANK: IncidentRow = {
  number: '',
  public_id: '',
  stage: '',
  waiting: '',
  level: '',
  lng: null,
  lat: null,
  location_text: '',
  description: '',
  class_zh: '',
  class_en: '',
  class_code: '',
  class_icon: '',
  cell: null,
  worker: '',
  is_mine: false,
  reported_at: '',
  deadline_at: null,
  is_simulated: false,
}
