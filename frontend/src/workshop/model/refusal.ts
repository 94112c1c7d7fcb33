// Why an edit is not done. The words for a code are the page's (i18n); here are the code and the place.
import type { Point } from './point'

export type Reason =
  /** Borders would cross or lie on one another. */
  | 'CROSSING'
  /** Nearer than the least width to another border. */
  | 'TOO_NARROW'
  /** The cell would be turned inside out, or have no ground. */
  | 'COLLAPSED'
  /** A hole would leave its cell. */
  | 'HOLE_OUTSIDE'
  /** Ground would belong to two cells. */
  | 'OVERLAP'
  /** The outer border stays, unless the extent is changed by name. */
  | 'EXTENT'
  /** Three borders meet here: the corner cannot be taken out. */
  | 'JUNCTION'
  /** A cell needs three corners. */
  | 'TOO_FEW_CORNERS'
  /** The line goes through no cell from edge to edge. */
  | 'NO_CUT'
  /** No way for the border round the building. */
  | 'NO_WAY_ROUND'
  /** The cells do not share a border. */
  | 'APART'
  /** The drawn ground is in more than one piece, or in none that is free. */
  | 'NO_FREE_LAND'
  /** Smaller than a cell can be. */
  | 'TOO_SMALL'
  /** The cells belong to different communities. */
  | 'COMMUNITIES'
  /** No neighbour on that side can take the ground. */
  | 'NO_TAKER'

export class Refusal extends Error {
  readonly reason: Reason
  readonly place: Point | null

  constructor(reason: Reason, place: Point | null = null) {
    super(reason)
    this.name = 'Refusal'
    this.reason = reason
    this.place = place
  }
}
