export type Corner = readonly [x: number, y: number]

/** Whether a point lies inside a drawn line, which is closed by its ends; even-odd, so a figure of eight works. */
export function holds(line: readonly Corner[], [x, y]: Corner): boolean {
  let inside = false
  let [px, py] = line[line.length - 1] ?? [0, 0]
  for (const [cx, cy] of line) {
    if (cy > y !== py > y && x < ((px - cx) * (y - cy)) / (py - cy) + cx) inside = !inside
    px = cx
    py = cy
  }
  return inside
}
