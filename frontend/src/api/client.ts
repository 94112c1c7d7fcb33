// Every request to the server goes through here: session cookie, CSRF header, errors as values with a code.

/** The server answered, and refused. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly fields: Record<string, string>
  /** Seconds until it makes sense to ask again, when the server says so. */
  readonly retryAfter: number | null
  /** All of what the server said, for the few who read more of it than the sentence. */
  readonly body: unknown

  constructor(
    status: number,
    code: string,
    detail: string,
    fields: Record<string, string> = {},
    retryAfter: number | null = null,
    body: unknown = null,
  ) {
    super(detail)
    this.name = 'Refused'
    this.status = status
    this.code = code
    this.fields = fields
    this.retryAfter = retryAfter
    this.body = body
  }
}

/** No answer came: no network, or the server is gone. */
export class Unreachable extends Error {
  constructor() {
    super('unreachable')
    this.name = 'Unreachable'
  }
}

/** Silence for so long is no answer. */
const PATIENCE_MS = 20_000
const UPLOAD_PATIENCE_MS = 300_000

export interface RequestOptions {
  signal?: AbortSignal
  headers?: Record<string, string>
}

function cookie(name: string): string {
  for (const part of document.cookie.split('; ')) {
    const [key, value = ''] = part.split('=')
    if (key === name) return decodeURIComponent(value)
  }
  return ''
}

/** What is wrong with each field, one sentence each; fields inside fields are named `city.name`. */
export function fieldsOf(said: unknown, path = ''): Record<string, string> {
  if (said === null || said === undefined) return {}
  if (Array.isArray(said)) return { [path]: said.map(String).join(' ') }
  if (typeof said !== 'object') return { [path]: String(said) }
  return Object.assign(
    {},
    ...Object.entries(said).map(([name, inner]) => fieldsOf(inner, path ? `${path}.${name}` : name)),
  )
}

async function refusal(response: Response): Promise<Refused> {
  const body: unknown = await response.json().catch(() => null)
  const { code, detail } = (body ?? {}) as { code?: string; detail?: unknown }
  return new Refused(
    response.status,
    code ?? `http_${response.status}`,
    typeof detail === 'string' ? detail : '',
    fieldsOf((body as { fields?: unknown } | null)?.fields),
    Number(response.headers.get('Retry-After')) || null,
    body,
  )
}

async function send(method: string, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': document.documentElement.lang || 'en',
    ...options.headers,
  }
  if (method !== 'GET') headers['X-CSRFToken'] = cookie('geogrid_csrf')
  const isForm = body instanceof FormData
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json'
  let response: Response
  const patience = AbortSignal.timeout(isForm ? UPLOAD_PATIENCE_MS : PATIENCE_MS)
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      signal: options.signal ? AbortSignal.any([options.signal, patience]) : patience,
    })
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === 'AbortError') throw reason
    throw new Unreachable()
  }
  // What a proxy says when the server behind it is down.
  if (response.status === 502 || response.status === 504) throw new Unreachable()
  if (!response.ok) throw await refusal(response)
  return response
}

/** Some answers (204, 202) say yes and nothing else. */
async function json<T>(response: Response): Promise<T> {
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

export async function get<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return json<T>(await send('GET', path, undefined, options))
}

export async function post<T>(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<T> {
  return json<T>(await send('POST', path, body, options))
}

export async function patch<T>(path: string, body: unknown): Promise<T> {
  return json<T>(await send('PATCH', path, body, {}))
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return json<T>(await send('PUT', path, body, {}))
}

export async function remove<T = void>(path: string): Promise<T> {
  return json<T>(await send('DELETE', path, undefined, {}))
}

/** `?a=1&b=2` without the empty ones. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(values))
    if (value !== undefined && value !== null && value !== '' && value !== false)
      search.set(key, String(value))
  const text = search.toString()
  return text ? `?${text}` : ''
}

export const isAbort = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'AbortError'
