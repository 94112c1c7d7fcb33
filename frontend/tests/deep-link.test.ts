import { describe, expect, test } from 'vitest'
import { formatHash, parseHash } from '../src/map/deep-link'

describe('deep links', () => {
  test('a full link comes back as it was written', () => {
    const link = {
      view: { zoom: 16.25, lat: 60.170123, lng: 24.941235, bearing: 30, pitch: 45 },
      layers: ['cells', 'assets'],
      pick: { kind: 'asset', ref: '9990010137000001' } as const,
    }

    expect(parseHash(formatHash(link))).toEqual(link)
  })

  test('a point is picked by its coordinates', () => {
    expect(parseHash('#pick=place:24.94,60.17').pick).toEqual({ kind: 'place', at: [24.94, 60.17] })
  })

  test('no layers in the link means the defaults, an empty list means none', () => {
    expect(parseHash('#map=16/60/24').layers).toBeNull()
    expect(parseHash('#layers=').layers).toEqual([])
  })

  test.each(['#map=nonsense', '#map=16/95/24', '#map=99/60/24', '#pick=teapot:1', '#pick=place:x,y', '%%%'])(
    '%s is left out, not an error',
    (hash) => {
      const link = parseHash(hash)

      expect(link.view).toBeNull()
      expect(link.pick).toBeNull()
    },
  )

  test('scripts cannot come in as layer names', () => {
    expect(parseHash('#layers=cells.<img>').layers).toEqual(['cells'])
  })
})
