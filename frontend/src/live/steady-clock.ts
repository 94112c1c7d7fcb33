// The time of the server, counted by a clock that nobody sets: ages stay right when the machine's clock is put
// forward or back, and the wall shows the city's time whatever its own machine thinks.

export class SteadyClock {
  private readonly ticks: () => number
  private zero: number
  private synced = false

  /** `ticks`: milliseconds that only ever go forward; `start`: what to believe until the server has spoken. */
  constructor(ticks: () => number = () => performance.now(), start: () => number = Date.now) {
    this.ticks = ticks
    this.zero = start() - ticks()
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.zero + this.ticks()
  }

  get isSynced(): boolean {
    return this.synced
  }

  /** The server says what time it is. Returns by how many milliseconds this clock was behind it. */
  sync(serverTime: string): number {
    const told = Date.parse(serverTime)
    if (Number.isNaN(told)) return 0
    const behind = told - this.now()
    this.zero += behind
    this.synced = true
    return behind
  }
}

export const steady = new SteadyClock()
