// One problem told several times; reports that lack class or place
import type { same as zh } from './same-zh'

export const same: typeof zh = {
  title: 'Same problem',
  failed: 'What is known of the same problem was not loaded.',
  isDuplicate: 'This is a duplicate, merged into',
  mergedHere: 'Merged into this one:',
  follower: (n: number) => `Follower ${n}`,
  looksAlike: 'Could be the same (the later one is merged into the earlier one):',
  merge: 'Merge',
  byNumber: 'Merge by number',
  merged: (duplicate: string, into: string) => `${duplicate} was merged into ${into}`,
  mergeWaits: (duplicate: string) => `${duplicate} is closed as a duplicate when a second person approves`,
  split: 'Split',
  splitWhy: 'Why it is split',
  splitDone: 'Split off; it goes on',
  recurs: 'closed a while ago: perhaps it is back',
  lacksClass: 'Give it a class first',
  lacksPlace: 'This report has no place in the grid; set one:',
  classified: 'Its class is set',
  original: (source: string, number: string) => `As sent: ${source} ${number}`,
  theirClass: 'Their class',
  response: 'Text to the reporter (sent in both languages)',
  ownWords: 'Own words',
  asSent: 'Show the original (contacts left out)',
}
