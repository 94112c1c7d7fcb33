import type { Language } from '../api/types'
import { en } from './en'
import { type Dictionary, zh } from './zh'

export type { Dictionary }

const dictionaries: Record<Language, Dictionary> = { zh, en }
const STORED_AS = 'geogrid.language'

function remembered(): Language | null {
  try {
    const stored = localStorage.getItem(STORED_AS)
    return stored === 'zh' || stored === 'en' ? stored : null
  } catch {
    return null
  }
}

const browsers = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')

/** The language of this window; reading `lang.t` in a component follows it. */
class LanguageChoice {
  current = $state<Language>(remembered() ?? browsers())

  get t(): Dictionary {
    return dictionaries[this.current]
  }

  get locale(): string {
    return this.current === 'zh' ? 'zh-CN' : 'en-GB'
  }

  choose(language: Language): void {
    this.current = language
    try {
      localStorage.setItem(STORED_AS, language)
    } catch {
      // Private windows may keep nothing; the choice then lasts as long as the page.
    }
  }

  /** What the account prefers, when this browser has not been told otherwise. */
  prefer(language: Language | ''): void {
    if (language && !remembered()) this.current = language
  }
}

export const lang = new LanguageChoice()

/** The one of two names that the reader's language asks for, and the other where it is missing. */
export function named(zhName: string | null | undefined, enName: string | null | undefined): string {
  return (lang.current === 'zh' ? zhName || enName : enName || zhName) ?? ''
}

/** What to call a cell: its name in the reader's language, else its code. */
export function cellName(cell: { code: string; name: string; name_en?: string } | null | undefined): string {
  return cell ? named(cell.name, cell.name_en) || cell.code : ''
}

/** The word for a code of the server; a code nobody translated is shown as it is. */
export function word(words: Record<string, string>, code: string | null | undefined): string {
  if (!code) return ''
  return words[code] ?? words[code.toLowerCase()] ?? code
}
