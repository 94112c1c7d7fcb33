// Parts of the map that did not load: said once, asked for again by themselves, and taken back when they came.

export interface TileId {
  z: number
  x: number
  y: number
}

export interface Tiles {
  /** Ask a source anew: for these tiles where they are still in view, or as a whole when it never loaded. */
  again(source: string, tiles: TileId[]): void
  /** Whether nothing is on its way; tiles that failed count as done. */
  areLoaded(): boolean
  tell(trouble: boolean): void
}

const FIRST_PAUSE_MS = 4000
const LONGEST_PAUSE_MS = 60_000

export class TileTrouble {
  private readonly tiles: Tiles
  private readonly failed = new Map<string, TileId[]>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private pauseMs = FIRST_PAUSE_MS
  private told = false

  constructor(tiles: Tiles) {
    this.tiles = tiles
  }

  get isThere(): boolean {
    return this.told
  }

  /** A source failed, or one tile of it. */
  failedIn(source: string, tile?: TileId): void {
    const known = this.failed.get(source) ?? []
    this.failed.set(source, tile ? [...known, tile] : known)
    if (!this.told) this.tiles.tell(true)
    this.told = true
    this.timer ??= setTimeout(() => this.retry(), this.pauseMs)
  }

  /** Call whenever something of a source has come. */
  settle(): void {
    if (!this.told || this.timer !== undefined || !this.tiles.areLoaded()) return
    this.forget()
    this.tiles.tell(false)
  }

  /** The whole map is asked for anew. */
  forget(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.failed.clear()
    this.pauseMs = FIRST_PAUSE_MS
    this.told = false
  }

  private retry(): void {
    this.timer = undefined
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS)
    const failed = [...this.failed]
    this.failed.clear()
    for (const [source, tiles] of failed) this.tiles.again(source, tiles)
    // What failed may have been scrolled out of view: then nothing is on its way, and nothing will report.
    this.settle()
  }
}
