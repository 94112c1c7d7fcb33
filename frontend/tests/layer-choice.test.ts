import { describe, expect, it } from 'vitest'
import type { Layer } from '../src/api/types'
import { LayerChoice } from '../src/state/layer-choice.svelte'

const layer = (id: string, shown_at_first = true): Layer => ({
  id,
  kind: 'public',
  title_zh: id,
  title_en: id,
  group: 'grid',
  count: null,
  minzoom: 0,
  geometry: 'line',
  legend: [],
  shown_at_first,
  fresh_s: null,
})
const LAYERS = [layer('cells'), layer('roads'), layer('road_bits', false)]

describe('which layers are on', () => {
  it('begins without what is not shown at first, and says nothing of it in the address', () => {
    const choice = new LayerChoice(null)
    choice.learn(LAYERS)
    expect([...choice.shown.on]).toEqual(['cells', 'roads'])
    expect(choice.link).toBeNull()
    expect(choice.allOn).toBe(true)
  })

  it('keeps what was chosen when the list is read again, also where nothing is hidden at first', () => {
    for (const layers of [LAYERS, LAYERS.slice(0, 2)]) {
      const choice = new LayerChoice(null)
      choice.learn(layers)
      choice.toggle('roads')
      choice.learn(layers)
      expect(choice.isOn('roads')).toBe(false)
      expect(choice.link).toEqual(['cells'])
      choice.showAll()
      expect(choice.link).toBeNull()
    }
  })

  it('shows what the address names, quiet or not', () => {
    const choice = new LayerChoice(['road_bits'])
    choice.learn(LAYERS)
    expect([...choice.shown.on]).toEqual(['road_bits'])
    expect(choice.link).toEqual(['road_bits'])
  })
})
