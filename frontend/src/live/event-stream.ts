// Server-sent events, read from a fetch: unlike EventSource this shows the heartbeat comments (so that silence
// is noticed), lets each connection carry a fresh token, and says with which status the server refused.

export interface StreamEvent {
  event: string
  data: string
  id: string
}

export class EventStreamParser {
  private rest = ''
  private event = ''
  private data: string[] = []
  private lastId = ''

  /** Events that are complete with this piece; a piece may end anywhere, also inside a line. */
  push(piece: string): StreamEvent[] {
    const done: StreamEvent[] = []
    const text = this.rest + piece
    // A lone \r at the end may be the first half of \r\n: wait for the rest of it.
    const end = text.endsWith('\r') ? text.length - 1 : text.length
    const lines = text.slice(0, end).split(/\r\n|\n|\r/)
    this.rest = (lines.pop() ?? '') + text.slice(end)
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0)
          done.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.lastId })
        this.event = ''
        this.data = []
      } else this.field(line)
    }
    return done
  }

  private field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.event = value
    else if (name === 'data') this.data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.lastId = value
  }
}
