import type { Layer } from '../api/types'
import type { Shown } from '../map/style-layers'

/** Which layers and which values of their legends are on. */
export class LayerChoice {
  private known = $state.raw<readonly string[]>([])
  private off = $state.raw<ReadonlySet<string>>(new Set())
  private hiddenValues = $state.raw<ReadonlyMap<string, ReadonlySet<string>>>(new Map())
  private linked: string[] | null
  /** What a map begins without: asked for by name only. */
  private quiet: ReadonlySet<string> = new Set()
  private hasLearnt = false

  /** `linked`: what the address says is on, null for everything. */
  constructor(linked: string[] | null) {
    this.linked = linked
  }

  learn(layers: readonly Layer[]): void {
    // An effect calls this: what it writes it must not read.
    const known = layers.map(({ id }) => id)
    const on = this.linked
    const first = !this.hasLearnt
    this.hasLearnt = true
    this.known = known
    this.quiet = new Set(layers.filter(({ shown_at_first }) => !shown_at_first).map(({ id }) => id))
    if (on) this.off = new Set(known.filter((id) => !on.includes(id)))
    else if (first) this.off = new Set(this.quiet)
  }

  /** The address was changed by hand, or a link was followed. */
  follow(linked: string[] | null): void {
    this.linked = linked
    this.off = new Set(linked ? this.known.filter((id) => !linked.includes(id)) : this.quiet)
  }

  isOn(id: string): boolean {
    return !this.off.has(id)
  }

  toggle(id: string): void {
    const off = new Set(this.off)
    if (!off.delete(id)) off.add(id)
    this.off = off
    this.linked = null
  }

  isValueOn(layer: string, value: string): boolean {
    return !this.hiddenValues.get(layer)?.has(value)
  }

  toggleValue(layer: string, value: string): void {
    const values = new Set(this.hiddenValues.get(layer))
    if (!values.delete(value)) values.add(value)
    this.setHidden(layer, values)
  }

  /** Shows one value alone; asked again, all of them. */
  onlyValue(layer: string, value: string, all: readonly string[]): void {
    const others = all.filter((one) => one !== value)
    const alone = this.isValueOn(layer, value) && others.every((one) => !this.isValueOn(layer, one))
    this.setHidden(layer, new Set(alone ? [] : others))
  }

  hiddenCount(layer: string): number {
    return this.hiddenValues.get(layer)?.size ?? 0
  }

  showAll(): void {
    this.off = new Set(this.quiet)
    this.hiddenValues = new Map()
  }

  /** As a map begins. */
  get allOn(): boolean {
    return this.isAsFirst && [...this.hiddenValues.values()].every((values) => values.size === 0)
  }

  /** For the map. Also read by effects, so it touches everything it depends on. */
  get shown(): Shown {
    const known = new Set(this.known)
    return {
      known,
      on: new Set(this.known.filter((id) => !this.off.has(id))),
      hidden: this.hiddenValues,
    }
  }

  /** For the address: null while everything is on. */
  get link(): string[] | null {
    if (this.known.length === 0) return this.linked
    return this.isAsFirst ? null : this.known.filter((id) => !this.off.has(id))
  }

  private get isAsFirst(): boolean {
    return this.off.size === this.quiet.size && [...this.off].every((id) => this.quiet.has(id))
  }

  private setHidden(layer: string, values: ReadonlySet<string>): void {
    this.hiddenValues = new Map([...this.hiddenValues, [layer, values]])
  }
}
