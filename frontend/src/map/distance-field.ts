// Signed distance fields: one small picture that is crisp at any size and takes any colour.

const FAR = 1e20

/** Squared distance transform of one row, Felzenszwalb & Huttenlocher. Writes into `values` in place. */
function transformRow(values: Float64Array, start: number, step: number, length: number): void {
  const given = new Float64Array(length)
  const hull = new Int32Array(length)
  const bounds = new Float64Array(length + 1)
  for (let i = 0; i < length; i++) given[i] = values[start + i * step] ?? 0
  const at = (i: number) => given[i] ?? 0
  let last = 0
  bounds[0] = -FAR
  bounds[1] = FAR
  for (let q = 1; q < length; q++) {
    let cross: number
    do {
      const r = hull[last] ?? 0
      cross = (at(q) - at(r) + q * q - r * r) / (q - r) / 2
    } while (cross <= (bounds[last] ?? 0) && --last > -1)
    last++
    hull[last] = q
    bounds[last] = cross
    bounds[last + 1] = FAR
  }
  let k = 0
  for (let q = 0; q < length; q++) {
    while ((bounds[k + 1] ?? FAR) < q) k++
    const r = hull[k] ?? 0
    values[start + q * step] = at(r) + (q - r) * (q - r)
  }
}

function distances(values: Float64Array, width: number, height: number): void {
  for (let x = 0; x < width; x++) transformRow(values, x, width, height)
  for (let y = 0; y < height; y++) transformRow(values, y * width, 1, width)
}

/**
 * Turns coverage (0..255, one value a pixel) into MapLibre's field: 191 on the edge, 32 less for each pixel outside.
 */
export function distanceField(
  coverage: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Uint8ClampedArray {
  const outside = new Float64Array(width * height)
  const inside = new Float64Array(width * height)
  for (let i = 0; i < coverage.length; i++) {
    const a = (coverage[i] ?? 0) / 255
    outside[i] = a === 1 ? 0 : a === 0 ? FAR : Math.max(0, 0.5 - a) ** 2
    inside[i] = a === 1 ? FAR : a === 0 ? 0 : Math.max(0, a - 0.5) ** 2
  }
  distances(outside, width, height)
  distances(inside, width, height)
  const field = new Uint8ClampedArray(width * height)
  for (let i = 0; i < field.length; i++) {
    const distance = Math.sqrt(outside[i] ?? 0) - Math.sqrt(inside[i] ?? 0)
    field[i] = Math.round(255 - 255 * (distance / 8 + 0.25))
  }
  return field
}
