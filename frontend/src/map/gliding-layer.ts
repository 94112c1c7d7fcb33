// Points that glide from where they were to where they are, all in one call: the graphics do the in-between.
import {
  type CustomLayerInterface,
  type CustomRenderMethodInput,
  type Map as MapLibreMap,
  MercatorCoordinate,
} from './maplibre'

const GLIDE_MS = 1000
/** A frame of the whole map for each step of a glide is dear: so many a second are smooth enough. */
const FRAME_MS = 50
const POINT_PX = 15

const VERTEX = `#version 300 es
uniform mat4 matrix;
uniform float part;
uniform float size;
in vec2 before;
in vec2 after;
in float state;
flat out float kind;
void main() {
  gl_Position = matrix * vec4(mix(before, after, part), 0.0, 1.0);
  gl_PointSize = size;
  kind = state;
}`

// Four states, four shapes and colours: disc, ring, diamond, small hollow square. Each on a dark edge.
const FRAGMENT = `#version 300 es
precision mediump float;
flat in float kind;
out vec4 colour;
const vec3 ground = vec3(0.039, 0.059, 0.086);
const vec3 white = vec3(0.933, 0.957, 0.984);
const vec3 done = vec3(0.494, 0.969, 0.784);
const vec3 serious = vec3(0.976, 0.631, 0.310);
const vec3 idle = vec3(0.463, 0.537, 0.608);
float filled(float distance, float radius, float soft) { return 1.0 - smoothstep(radius - soft, radius + soft, distance); }
void main() {
  vec2 p = (gl_PointCoord - 0.5) * 2.0;
  float soft = fwidth(p.x);
  float round = length(p);
  float diamond = abs(p.x) + abs(p.y);
  float square = max(abs(p.x), abs(p.y));
  vec3 ink;
  float edge;
  float body;
  float hole = 0.0;
  if (kind < 0.5) { ink = done; edge = filled(round, 0.92, soft); body = filled(round, 0.68, soft); hole = filled(round, 0.36, soft); }
  else if (kind < 1.5) { ink = done; edge = filled(round, 0.92, soft); body = filled(round, 0.7, soft); hole = filled(round, 0.4, soft); }
  else if (kind < 2.5) { ink = serious; edge = filled(diamond, 0.98, soft * 1.4); body = filled(diamond, 0.76, soft * 1.4); }
  else { ink = idle; edge = filled(square, 0.72, soft); body = filled(square, 0.52, soft); hole = filled(square, 0.26, soft); }
  vec3 middle = kind < 0.5 ? white : ground;
  vec3 inside = mix(ink, middle, hole);
  colour = vec4(mix(ground, inside, body), 1.0) * edge;
}`

function compiled(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind)
  if (!shader) throw new Error('no shader')
  gl.shaderSource(shader, source)
  gl.compileShader(shader)
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS))
    throw new Error(gl.getShaderInfoLog(shader) ?? 'shader')
  return shader
}

/** Where a place is in the plane of the map, from 0 to 1, less an origin: near it, 32 bits are exact to millimetres. */
export function planeOf(lng: number, lat: number, [x, y]: readonly [number, number]): [number, number] {
  const turn = (lat * Math.PI) / 180
  return [(lng + 180) / 360 - x, (1 - Math.log(Math.tan(turn) + 1 / Math.cos(turn)) / Math.PI) / 2 - y]
}

interface Drawing {
  gl: WebGL2RenderingContext
  program: WebGLProgram
  array: WebGLVertexArrayObject
  buffers: [WebGLBuffer, WebGLBuffer, WebGLBuffer]
  matrix: WebGLUniformLocation | null
  part: WebGLUniformLocation | null
  size: WebGLUniformLocation | null
}

export class GlidingLayer implements CustomLayerInterface {
  readonly id: string
  readonly type = 'custom'
  readonly renderingMode = '2d'
  private readonly origin: [number, number]
  private readonly still: boolean
  private map: MapLibreMap | null = null
  private drawing: Drawing | null = null
  private before = new Float32Array(0)
  private after = new Float32Array(0)
  private states = new Float32Array(0)
  private count = 0
  private begunAt = Number.NEGATIVE_INFINITY
  private changed = false
  private frame = 0

  /** `still`: points jump, so that pictures of the same state are the same. */
  constructor(id: string, origin: readonly [number, number], still: boolean) {
    this.id = id
    const { x, y } = MercatorCoordinate.fromLngLat([origin[0], origin[1]])
    this.origin = [x, y]
    this.still = still
  }

  onAdd(map: MapLibreMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext
    const program = gl.createProgram()
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX))
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT))
    gl.linkProgram(program)
    const array = gl.createVertexArray()
    gl.bindVertexArray(array)
    const buffer = (name: string, parts: number): WebGLBuffer => {
      const made = gl.createBuffer()
      const at = gl.getAttribLocation(program, name)
      gl.bindBuffer(gl.ARRAY_BUFFER, made)
      gl.enableVertexAttribArray(at)
      gl.vertexAttribPointer(at, parts, gl.FLOAT, false, 0, 0)
      return made
    }
    const buffers: Drawing['buffers'] = [buffer('before', 2), buffer('after', 2), buffer('state', 1)]
    gl.bindVertexArray(null)
    const at = (name: string) => gl.getUniformLocation(program, name)
    this.drawing = { gl, program, array, buffers, matrix: at('matrix'), part: at('part'), size: at('size') }
    this.map = map
    this.changed = true
  }

  onRemove(): void {
    clearTimeout(this.frame)
    this.frame = 0
    const { drawing } = this
    if (drawing && !drawing.gl.isContextLost()) {
      for (const buffer of drawing.buffers) drawing.gl.deleteBuffer(buffer)
      drawing.gl.deleteVertexArray(drawing.array)
      drawing.gl.deleteProgram(drawing.program)
    }
    this.drawing = null
    this.map = null
  }

  /**
   * Slots of [lng, lat] and of states. A point in mid-glide goes on from where it is seen; a new one is there at
   * once. `jumps`: these are others than before, or at another time, and nobody goes from there to here.
   */
  set(lngLat: Float64Array, states: Uint8Array, count: number, jumps = false): void {
    if (this.states.length < count) this.grow(count)
    const part = this.part()
    const known = jumps ? 0 : Math.min(count, this.count)
    for (let i = 0; i < count; i++) {
      const [x, y] = planeOf(lngLat[2 * i] ?? 0, lngLat[2 * i + 1] ?? 0, this.origin)
      const ox = this.after[2 * i] ?? 0
      const oy = this.after[2 * i + 1] ?? 0
      const bx = this.before[2 * i] ?? 0
      const by = this.before[2 * i + 1] ?? 0
      this.before[2 * i] = i < known ? bx + (ox - bx) * part : x
      this.before[2 * i + 1] = i < known ? by + (oy - by) * part : y
      this.after[2 * i] = x
      this.after[2 * i + 1] = y
      this.states[i] = states[i] ?? 0
    }
    this.count = count
    this.begunAt = performance.now()
    this.changed = true
    this.map?.triggerRepaint()
  }

  render(_: unknown, { defaultProjectionData }: CustomRenderMethodInput): void {
    const { drawing, map } = this
    if (!drawing || !map || this.count === 0) return
    const { gl } = drawing
    if (this.changed) this.upload(drawing)
    // The origin is put into the matrix in 64 bits; what is left is small.
    const given = defaultProjectionData.mainMatrix as unknown as ArrayLike<number>
    const matrix = Float64Array.from(given)
    const [x, y] = this.origin
    for (let i = 0; i < 4; i++)
      matrix[12 + i] = (given[i] ?? 0) * x + (given[4 + i] ?? 0) * y + (given[12 + i] ?? 0)
    const part = this.part()
    gl.useProgram(drawing.program)
    gl.bindVertexArray(drawing.array)
    gl.uniformMatrix4fv(drawing.matrix, false, Float32Array.from(matrix))
    gl.uniform1f(drawing.part, part)
    gl.uniform1f(drawing.size, POINT_PX * map.getPixelRatio())
    gl.disable(gl.DEPTH_TEST)
    gl.disable(gl.STENCIL_TEST)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.drawArrays(gl.POINTS, 0, this.count)
    gl.bindVertexArray(null)
    if (part < 1 && this.frame === 0)
      this.frame = window.setTimeout(() => {
        this.frame = 0
        this.map?.triggerRepaint()
      }, FRAME_MS)
  }

  private part(): number {
    return this.still ? 1 : Math.min(1, (performance.now() - this.begunAt) / GLIDE_MS)
  }

  private upload({ gl, buffers }: Drawing): void {
    const parts = [
      this.before.subarray(0, 2 * this.count),
      this.after.subarray(0, 2 * this.count),
      this.states.subarray(0, this.count),
    ]
    parts.forEach((data, i) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[i] ?? null)
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW)
    })
    this.changed = false
  }

  private grow(count: number): void {
    const room = Math.max(64, 2 ** Math.ceil(Math.log2(count)))
    const longer = (old: Float32Array, size: number) => {
      const made = new Float32Array(size)
      made.set(old)
      return made
    }
    this.before = longer(this.before, 2 * room)
    this.after = longer(this.after, 2 * room)
    this.states = longer(this.states, room)
  }
}
