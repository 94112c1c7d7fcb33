// Edits that the server does not have yet survive the closing of the page: they lie in this browser, by person and
// draft, with the versions that their author saw, until they are sent or thrown away.
import type { EditBody } from './edit-body'
import type { CellKey } from './model/coverage'

const PREFIX = 'geogrid.workshop.unsent'

export interface Unsent {
  readonly kept_at: string
  readonly bodies: readonly EditBody[]
  readonly versions: Readonly<Record<CellKey, number>>
}

/** Where the edits of one open page lie: two pages on one draft do not write over each other. */
export class UnsentEdits {
  private readonly place: string
  private readonly mine: string

  constructor(person: string, draft: number | null) {
    this.place = `${PREFIX}.${encodeURIComponent(person)}.${draft ?? 'in-force'}.`
    this.mine = this.place + crypto.getRandomValues(new Uint32Array(1))[0]
  }

  /** False when this browser keeps nothing (private windows, no room): then only the question on leaving helps. */
  keep(bodies: readonly EditBody[], versions: Readonly<Record<CellKey, number>>): boolean {
    try {
      if (bodies.length === 0) localStorage.removeItem(this.mine)
      else {
        const seen = bodies.flatMap(({ puts, removes }) => [...puts, ...removes].map(({ key }) => key))
        const known = Object.fromEntries([...new Set(seen)].map((key) => [key, versions[key] ?? 0]))
        const unsent: Unsent = { kept_at: new Date().toISOString(), bodies, versions: known }
        localStorage.setItem(this.mine, JSON.stringify(unsent))
      }
      return true
    } catch {
      return false
    }
  }

  /** What earlier pages left here, the oldest first. */
  left(): Unsent[] {
    return this.places()
      .flatMap((name): Unsent[] => {
        try {
          return [JSON.parse(localStorage.getItem(name) ?? '')]
        } catch {
          return []
        }
      })
      .sort((a, b) => a.kept_at.localeCompare(b.kept_at))
  }

  forget(): void {
    for (const name of this.places()) localStorage.removeItem(name)
  }

  private places(): string[] {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(this.place) && name !== this.mine)
    } catch {
      return []
    }
  }
}
