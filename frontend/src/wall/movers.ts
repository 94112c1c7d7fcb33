// Where people on duty are: the records of the live feed, kept in arrays that are as long as there are devices.

export const MOVER_STATES = ['on_patrol', 'standing', 'off_cell', 'silent'] as const
export type MoverState = (typeof MOVER_STATES)[number]
const OFF_DUTY = 'off_duty'
const RECORD_BYTES = 8

/** The `positions` event: records of `<u32 id, i16 east, i16 north>` in steps from an origin, and the far ones. */
export interface PositionsEvent {
  at: string
  origin: [number, number]
  step: number
  /** Base64. */
  points: string
  far: [number, number, number][]
  states: [number, string][]
}

export function bytesOf(base64: string): Uint8Array {
  const known = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array }
  if (known.fromBase64) return known.fromBase64(base64)
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

/** Calls `put` for each record; returns how many there were. */
export function eachRecord(
  { points, origin, step, far }: Pick<PositionsEvent, 'points' | 'origin' | 'step' | 'far'>,
  put: (id: number, lng: number, lat: number) => void,
): number {
  const bytes = bytesOf(points)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = Math.floor(bytes.byteLength / RECORD_BYTES)
  for (let i = 0; i < count; i++) {
    const at = i * RECORD_BYTES
    put(
      view.getUint32(at, true),
      origin[0] + view.getInt16(at + 4, true) * step,
      origin[1] + view.getInt16(at + 6, true) * step,
    )
  }
  for (const [id, lng, lat] of far) put(id, lng, lat)
  return count + far.length
}

/** All movers, by slot: a device keeps its slot until it goes off duty. */
export class Movers {
  /** Longitude and latitude of each slot. */
  lngLat = new Float64Array(0)
  /** Index into MOVER_STATES of each slot. */
  states = new Uint8Array(0)
  private readonly slots = new Map<number, number>()
  private readonly ids: number[] = []

  get count(): number {
    return this.ids.length
  }

  clear(): void {
    this.slots.clear()
    this.ids.length = 0
  }

  has(id: number): boolean {
    return this.slots.has(id)
  }

  place(id: number, lng: number, lat: number): void {
    const slot = this.slots.get(id) ?? this.take(id)
    this.lngLat[2 * slot] = lng
    this.lngLat[2 * slot + 1] = lat
  }

  setState(id: number, state: string): void {
    if (state === OFF_DUTY) {
      this.remove(id)
      return
    }
    const slot = this.slots.get(id)
    const known = MOVER_STATES.indexOf(state as MoverState)
    if (slot !== undefined && known >= 0) this.states[slot] = known
  }

  /** Moves those that are known. False: somebody is on the way whom nobody has introduced. */
  apply(event: PositionsEvent): boolean {
    let allKnown = true
    eachRecord(event, (id, lng, lat) => {
      if (this.slots.has(id)) this.place(id, lng, lat)
      else allKnown = false
    })
    for (const [id, state] of event.states) {
      if (!this.slots.has(id) && state !== OFF_DUTY) allKnown = false
      this.setState(id, state)
    }
    return allKnown
  }

  countOf(state: MoverState): number {
    const wanted = MOVER_STATES.indexOf(state)
    let found = 0
    for (let i = 0; i < this.ids.length; i++) if (this.states[i] === wanted) found += 1
    return found
  }

  private take(id: number): number {
    const slot = this.ids.length
    if (2 * slot >= this.lngLat.length) this.grow()
    this.slots.set(id, slot)
    this.ids.push(id)
    this.states[slot] = 0
    return slot
  }

  /** The last one takes the free slot: there are no holes. */
  private remove(id: number): void {
    const slot = this.slots.get(id)
    const last = this.ids.length - 1
    const moved = this.ids[last]
    if (slot === undefined || moved === undefined) return
    this.ids[slot] = moved
    this.slots.set(moved, slot)
    this.lngLat.copyWithin(2 * slot, 2 * last, 2 * last + 2)
    this.states.copyWithin(slot, last, last + 1)
    this.slots.delete(id)
    this.ids.pop()
  }

  private grow(): void {
    const room = Math.max(64, this.states.length * 2)
    const lngLat = new Float64Array(2 * room)
    lngLat.set(this.lngLat)
    this.lngLat = lngLat
    const states = new Uint8Array(room)
    states.set(this.states)
    this.states = states
  }
}
