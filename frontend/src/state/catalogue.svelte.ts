import { get } from '../api/client'
import type { ClassName } from '../api/types'
import type { ClassChoice, ClassKind } from '../report/class-search'

/** The classes of things and of events, asked for once, when somebody first writes a report. */
class Catalogue {
  choices = $state.raw<ClassChoice[]>([])
  phase = $state<'unasked' | 'loading' | 'ready' | 'failed'>('unasked')

  async load(): Promise<void> {
    if (this.phase === 'loading' || this.phase === 'ready') return
    this.phase = 'loading'
    try {
      const [assets, events] = await Promise.all([
        get<ClassName[]>('/api/catalogue/assets'),
        get<ClassName[]>('/api/catalogue/events'),
      ])
      const kinds: [ClassKind, ClassName[]][] = [
        ['asset', assets],
        ['event', events],
      ]
      this.choices = kinds.flatMap(([kind, classes]) => classes.map((one) => ({ ...one, kind })))
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
