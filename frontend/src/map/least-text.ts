// No text of a style smaller than this: a wall is read from the last row of seats.
import type { StyleSpecification } from './maplibre'

type Size = number | unknown[] | undefined

/** A text size, or an expression of one, that is nowhere less than `least` pixels. */
export function atLeast(size: Size, least: number): Size {
  if (size === undefined) return Math.max(16, least)
  if (typeof size === 'number') return Math.max(size, least)
  const [operator] = size
  // Zoom may stand only outermost: the limit goes inside.
  if (operator === 'interpolate')
    return size.map((part, i) => (i >= 4 && i % 2 === 0 ? atLeast(part as Size, least) : part))
  if (operator === 'step')
    return size.map((part, i) => (i >= 2 && i % 2 === 0 ? atLeast(part as Size, least) : part))
  return ['max', size, least]
}

/** The style with its texts at least so large. */
export function withLeastText(style: StyleSpecification, least: number): StyleSpecification {
  if (least <= 0) return style
  return {
    ...style,
    layers: style.layers.map((layer) =>
      layer.type === 'symbol' && layer.layout?.['text-field'] !== undefined
        ? {
            ...layer,
            layout: {
              ...layer.layout,
              'text-size': atLeast(layer.layout['text-size'] as Size, least) as number,
            },
          }
        : layer,
    ),
  }
}
