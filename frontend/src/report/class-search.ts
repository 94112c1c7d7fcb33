// Finding a class among two hundred by a few letters of Chinese, pinyin or English.
import type { ClassName } from '../api/types'
import { pinyinOf } from './pinyin'

export type ClassKind = 'asset' | 'event'

export interface ClassChoice extends ClassName {
  kind: ClassKind
}

// What people call things, beside what the standard calls them.
const ALSO: [RegExp, string][] = [
  [/manhole|cover|井盖/i, '井盖 manhole cover 窨井'],
  [/路灯|street ?l/i, '路灯 street lamp light lantern 灯'],
  [/积水|waterlog|flood/i, '积水 内涝 flood flooded water waterlogging'],
  [/tree|树/i, '树 tree'],
  [/垃圾|waste|garbage|litter/i, '垃圾 rubbish garbage trash litter waste bin'],
  [/噪|noise/i, '噪音 噪声 扰民 noise'],
  [/hydrant|消火栓|消防栓/i, '消火栓 消防栓 hydrant fire'],
]

function textOf(choice: ClassChoice): string {
  const own = `${choice.code} ${choice.name_zh} ${choice.name_en} ${choice.major_zh} ${choice.major_en}`
  const names = `${choice.name_zh} ${choice.name_en}`
  return ALSO.reduce(
    (text, [about, words]) => (about.test(names) ? `${text} ${words}` : text),
    own,
  ).toLowerCase()
}

function score(choice: ClassChoice, words: string[]): number {
  const text = textOf(choice)
  const [zh, en] = [choice.name_zh.toLowerCase(), choice.name_en.toLowerCase()]
  const { whole, initials } = pinyinOf(choice.name_zh)
  let total = 0
  for (const word of words) {
    if (!text.includes(word)) {
      if (!/^[a-z]{2,}$/.test(word)) return 0
      if (initials.startsWith(word) || whole.startsWith(word)) total += 3
      else if (initials.includes(word) || whole.includes(word)) total += 2
      else return 0
      continue
    }
    if (choice.code === word || zh === word || en === word) total += 8
    else if (zh.startsWith(word) || en.startsWith(word) || choice.code.startsWith(word)) total += 5
    else if (zh.includes(word) || en.split(/[\s(/,-]+/).some((part) => part.startsWith(word))) total += 4
    else total += 1
  }
  // Of two that match alike the shorter name is the plainer thing.
  return total - Math.min(zh.length, 20) / 100
}

/** Classes that match every word of `query`, best first; all of them in code order when it is empty. */
export function searchClasses(choices: readonly ClassChoice[], query: string): ClassChoice[] {
  const words = query.toLowerCase().trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...choices]
  return choices
    .map((choice) => ({ choice, points: score(choice, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.choice.code.localeCompare(b.choice.code))
    .map(({ choice }) => choice)
}
