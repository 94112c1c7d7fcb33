// The stages of an incident in the order of the closed loop.

export const STAGES = [
  'REPORTED',
  'FILED',
  'DISPATCHED',
  'HANDLING',
  'HANDLED',
  'VERIFIED',
  'CLOSED',
  'EVALUATED',
  'REJECTED',
  'VOID',
] as const
export type Stage = (typeof STAGES)[number]

export const UNFINISHED: ReadonlySet<Stage> = new Set<Stage>([
  'REPORTED',
  'FILED',
  'DISPATCHED',
  'HANDLING',
  'HANDLED',
  'VERIFIED',
])

export const isUnfinished = (stage: string): boolean => UNFINISHED.has(stage.toUpperCase() as Stage)
