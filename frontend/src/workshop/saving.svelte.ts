// Edits go to the server one by one, in order, each with the versions that its author saw. What could not be sent
// waits and is tried again; what somebody else changed meanwhile is laid before the author, never overwritten.
import { Refused, Unreachable } from '../api/client'
import type { EditBody } from './edit-body'
import type { CellKey } from './model/coverage'
import type { Point } from './model/point'
import { type Conflict, type Saved, sendEdit } from './seam'
import type { Unsent, UnsentEdits } from './unsent'

export type SavingState = 'saved' | 'saving' | 'waiting' | 'conflict' | 'refused'

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 15_000

export interface Trouble {
  body: EditBody
  said: string
  place: Point | null
  conflicts: Conflict[]
}

export class Saving {
  state = $state<SavingState>('saved')
  /** Edits that the server does not have yet. */
  unsaved = $state(0)
  /** Edits that the server has taken from here. */
  sent = $state(0)
  trouble = $state.raw<Trouble | null>(null)
  versions: Record<CellKey, number> = {}
  /** Numbers of edits that this page made, so that the feed does not tell them back. */
  readonly own = new Set<number>()
  /** Cells that are in force no more: one that comes back is a new one. */
  readonly vanished = new Set<CellKey>()
  /** Set by who draws: cells are called otherwise from now on. */
  renamed: (names: Map<CellKey, { key: CellKey; code: string }>) => void = () => undefined
  readonly draft: number | null
  private readonly queue: EditBody[] = []
  private isSending = false
  private isClosed = false
  private readonly kept: UnsentEdits | null

  /** `kept`: where edits lie until the server has them; null: nowhere. */
  constructor(draft: number | null, kept: UnsentEdits | null = null) {
    this.draft = draft
    this.kept = kept
  }

  /** Cells that wait to be saved. */
  get pending(): Set<CellKey> {
    return new Set(this.queue.flatMap(({ puts, removes }) => [...puts, ...removes].map(({ key }) => key)))
  }

  add(body: EditBody): void {
    this.queue.push(body)
    this.told()
    void this.go()
  }

  /** What an earlier page could not send goes first, with the versions that its author saw. Ends when it is through. */
  async resume({ bodies, versions }: Unsent): Promise<void> {
    Object.assign(this.versions, versions)
    this.queue.push(...bodies)
    this.told()
    await this.go()
  }

  private told(): void {
    this.unsaved = this.queue.length
    this.kept?.keep(this.queue, this.versions)
  }

  close(): void {
    this.isClosed = true
  }

  /** The author has decided: the edit in trouble and those after it are let go. */
  letGo(): EditBody[] {
    const gone = this.queue.splice(0)
    this.trouble = null
    this.told()
    this.state = 'saved'
    return gone
  }

  /** The author has decided: the edit in trouble is sent once more, over what the others saved. */
  sendOver(versions: Record<CellKey, number>): void {
    Object.assign(this.versions, versions)
    const [body] = this.queue
    if (body) this.queue[0] = { ...body, idempotency_key: `${body.idempotency_key}+` }
    this.told()
    this.trouble = null
    this.state = 'saving'
    void this.go()
  }

  private async go(): Promise<void> {
    if (this.isSending || this.trouble) return
    this.isSending = true
    let wait = FIRST_RETRY_MS
    for (let body = this.queue[0]; body && !this.isClosed; body = this.queue[0]) {
      if (this.state !== 'waiting') this.state = 'saving'
      const said = await this.send(body)
      if (said === 'again') {
        this.state = 'waiting'
        await new Promise((resolve) => setTimeout(resolve, wait))
        wait = Math.min(2 * wait, LONGEST_RETRY_MS)
      } else if (said === 'stop') break
      else {
        wait = FIRST_RETRY_MS
        this.queue.shift()
        this.sent++
        this.told()
        this.state = this.queue.length > 0 ? 'saving' : 'saved'
      }
    }
    this.isSending = false
  }

  /** What is in force has other keys than what was drawn: new cells have got an id, some have vanished. */
  private stored(cells: NonNullable<Saved['cells']>): void {
    const names = new Map<CellKey, { key: CellKey; code: string }>()
    for (const [key, { id, code, version }] of Object.entries(cells)) {
      if (code === null) {
        this.vanished.add(key)
        continue
      }
      this.versions[`c${id}`] = version ?? 0
      if (key !== `c${id}`) names.set(key, { key: `c${id}`, code })
    }
    if (names.size === 0) return
    const named = (key: CellKey) => names.get(key)?.key ?? key
    this.queue.splice(
      0,
      this.queue.length,
      ...this.queue.map((body) => ({
        ...body,
        puts: body.puts.map((put) => ({ ...put, key: named(put.key) })),
        removes: body.removes.map((gone) => ({ ...gone, key: named(gone.key) })),
      })),
    )
    this.renamed(names)
  }

  private async send(body: EditBody): Promise<'done' | 'again' | 'stop'> {
    const known = (key: CellKey) => this.versions[key] ?? 0
    const versioned = {
      ...body,
      puts: body.puts.map((put) => ({ ...put, version: known(put.key) })),
      removes: body.removes.map((gone) => ({ ...gone, version: known(gone.key) })),
    }
    try {
      const saved: Saved = await sendEdit(this.draft, versioned)
      Object.assign(this.versions, saved.versions)
      if (saved.number !== undefined) this.own.add(saved.number)
      if (saved.cells) this.stored(saved.cells)
      return 'done'
    } catch (reason) {
      if (reason instanceof Unreachable) return 'again'
      if (!(reason instanceof Refused)) throw reason
      if (reason.status === 429 || reason.status >= 500) return 'again'
      const { conflicts, place } = (reason.body ?? {}) as { conflicts?: Conflict[]; place?: Point | null }
      this.state = conflicts ? 'conflict' : 'refused'
      this.trouble = { body, said: reason.message, place: place ?? null, conflicts: conflicts ?? [] }
      return 'stop'
    }
  }
}
