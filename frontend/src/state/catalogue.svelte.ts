import { get } from '../api/client'
import type { ClassName } from '../api/types'
import type { ClassChoice, ClassKind } from '../report/class-search'

type Listed = ClassName[] | { classes: ClassName[] } | { results: ClassName[] }

function listOf(answer: Listed): ClassName[] {
  if (Array.isArray(answer)) return answer
  return 'classes' in answer ? answer.classes : answer.results
}

/** The classes of things and of events, asked for once, when somebody first writes a report. */
class Catalogue {
  choices = $state.raw<ClassChoice[]>([])
  phase = $state<'unasked' | 'loading' | 'ready' | 'failed'>('unasked')

  async load(): Promise<void> {
    if (this.phase === 'loading' || this.phase === 'ready') return
    this.phase = 'loading'
    try {
      const [assets, events] = await Promise.all([
        get<Listed>('/api/catalogue/assets'),
        get<Listed>('/api/catalogue/events'),
      ])
      const kinds: [ClassKind, Listed][] = [
        ['asset', assets],
        ['event', events],
      ]
      this.choices = kinds.flatMap(([kind, answer]) => listOf(answer).map((one) => ({ ...one, kind })))
      this.phase = 'ready'
    } catch {
      this.phase = 'failed'
    }
  }

  find(kind: ClassKind, code: string): ClassChoice | undefined {
    return this.choices.find((choice) => choice.kind === kind && choice.code === code)
  }
}

export const catalogue = new Catalogue()
