// The map grows with the screen as one picture: labels, marks, lines, scale and targets, everything MapLibre draws.
//
// It is laid out in a frame that is smaller than its place by `scale` and shown enlarged by it, while its canvas has
// every pixel of the screen: to the map, a wall is a screen of ordinary size with a high pixel density.

export class Frame {
  readonly element: HTMLElement
  private readonly place: HTMLElement
  private now = 1

  constructor(place: HTMLElement, scale: number) {
    this.place = place
    this.element = document.createElement('div')
    this.element.className = 'map-frame'
    this.place.append(this.element)
    this.lay(scale)
  }

  get scale(): number {
    return this.now
  }

  get pixelRatio(): number {
    return this.now * devicePixelRatio
  }

  /** Lays the frame out anew; false when it was so before. */
  lay(scale: number): boolean {
    const wanted = Math.max(1, scale)
    if (wanted === this.now && this.element.style.width) return false
    this.now = wanted
    const { style } = this.element
    style.position = 'absolute'
    style.inset = '0 auto auto 0'
    style.width = `${100 / wanted}%`
    style.height = `${100 / wanted}%`
    style.transformOrigin = '0 0'
    style.transform = wanted === 1 ? '' : `scale(${wanted})`
    this.place.style.setProperty('--map-scale', String(wanted))
    return true
  }

  remove(): void {
    this.element.remove()
  }
}

/** One rem of the page is 16 pixels where labels have the size they were made for. */
const MADE_FOR_PX = 16

/** By how much the map of a page grows: as its text does, and never below what it was made for. */
export function pageScale(): number {
  return Math.max(
    1,
    Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / MADE_FOR_PX || 1,
  )
}
