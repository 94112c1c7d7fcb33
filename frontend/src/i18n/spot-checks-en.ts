// Spot checks
import type { spotChecks as zh } from './spot-checks-zh'

export const spotChecks: typeof zh = {
  title: 'Spot checks',
  open: 'Spot checks',
  intro:
    'Drawn among closed incidents by a published seed and looked at again. What is found goes to the district, not to the units and streets first.',
  toMap: 'Back to the map',
  draw: 'A new draw',
  from: 'Closed from',
  to: 'to (not included)',
  area: 'Code of a unit (empty: the whole city)',
  count: 'How many',
  seed: 'Seed (such as numbers of a public draw; empty: the machine’s)',
  go: 'Draw',
  draws: 'Draws',
  none: 'No draws yet.',
  drawn: (count, pool) => `${count} of ${pool} drawn`,
  found: (found, count, bad) => `${found} of ${count} checked, ${bad} not solved`,
  seedIs: 'Seed',
  given: 'given',
  byMachine: 'the machine’s',
  hash: 'SHA-256 of the list',
  recipe:
    'To repeat it: SHA-256 of "seed|number" for each number; the smallest are drawn. The hash of the list is over the numbers in ascending order, one a line.',
  pool: 'The list as JSON',
  checks: 'Drawn incidents',
  states: { all: 'all', waiting: 'waiting', found: 'checked', not_solved: 'not solved' },
  verdicts: { '': 'waiting', upheld: 'upheld', not_solved: 'not solved', not_told: 'could not be told' },
  verdict: 'Result',
  finding: 'What was found',
  photo: 'Photo of the place',
  photoAlt: (number) => `Photo of the check of incident ${number}`,
  record: 'Record the result (it stands)',
  nothing: 'No such incidents.',
  failed: 'That did not work.',
  noAccess: 'Your role sees no spot checks.',
}
