// Which published layers a wall draws. Lamps and benches are no news in a command room; gaps are drawn when asked for.
import type { Layer } from '../api/types'

const NO_NEWS = new Set(['assets'])
const GAPS = 'presence_gaps'

class ShownOnWall {
  /** The streets that nobody reaches in ten minutes. */
  gaps = $state(false)
}
export const shownOnWall = new ShownOnWall()

export function layersOn(layers: readonly Layer[], gaps: boolean): Set<string> {
  const on = layers.filter(
    ({ id, shown_at_first }) => (shown_at_first && !NO_NEWS.has(id)) || (gaps && id === GAPS),
  )
  return new Set(on.map(({ id }) => id))
}
