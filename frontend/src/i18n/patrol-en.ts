// Quality of patrols, ten-minute presence, patrol duty
import type { patrol as zh } from './patrol-zh'

export const patrol: typeof zh = {
  title: 'Should a patrol have found it?',
  verdicts: { miss: 'Missed', gap: 'Gap', neither: 'Nobody’s fault' },
  worker: 'Person',
  nearest: 'Nearest',
  passedAt: 'When',
  window: 'Looked back over',
  earlier: 'Reported by a patrol before',
  others: 'Somebody of another area walked past',
  yes: 'yes',
  first: 'Judged before late positions came',
  showWay: 'Show the way on the map',
  open: 'Late positions amend this for a week.',
  settled: 'This stands.',
  metres: (value) => `${value} m`,
}
