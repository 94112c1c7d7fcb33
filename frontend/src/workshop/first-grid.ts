// The grid is asked for before the map's program is there: most of the time of opening the page is one of the two.
import type { GridAnswer } from './seam'
import { readGrid } from './seam'

/** The draft that the address names; null: the grid in force. */
export const draftAsked = (): number | null =>
  Number(new URLSearchParams(location.hash.slice(1)).get('draft')) || null

let asked: { draft: number | null; answer: Promise<GridAnswer> } | null = null

export function askEarly(): void {
  const draft = draftAsked()
  asked = { draft, answer: readGrid(draft) }
  // Whoever takes it is told; until then a refusal is nobody's.
  asked.answer.catch(() => undefined)
}

/** The answer that was asked for early, once; later, or for another draft, it is asked for anew. */
export function takeGrid(draft: number | null): Promise<GridAnswer> {
  const early = asked?.draft === draft ? asked.answer : null
  asked = null
  return early ?? readGrid(draft)
}
