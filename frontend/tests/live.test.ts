import { describe, expect, test } from 'vitest'
import { EventStreamParser } from '../src/live/event-stream'
import { decode, type FeedMessage, LiveFeed } from '../src/live/feed'

describe('the event stream', () => {
  test('is read whatever way it is cut', () => {
    const stream =
      'event: change\r\nid: 7:100\r\ndata: {"kind":\r\ndata: "cell"}\r\n\r\n: beat\n\ndata: x\n\n'
    const whole = new EventStreamParser().push(stream)

    for (let cut = 1; cut < stream.length; cut++) {
      const parser = new EventStreamParser()
      expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))]).toEqual(whole)
    }
    expect(whole).toEqual([
      { event: 'change', id: '7:100', data: '{"kind":\n"cell"}' },
      { event: 'message', id: '7:100', data: 'x' },
    ])
  })

  test('a comment alone is no event', () => {
    expect(new EventStreamParser().push(': heartbeat\n\n')).toEqual([])
  })
})

describe('an event', () => {
  test('of a change carries it', () => {
    expect(decode('change', '{"kind":"incident","ref":"A1","op":"insert","units":[],"at":""}')).toMatchObject(
      {
        type: 'change',
        change: { kind: 'incident', ref: 'A1' },
      },
    )
  })

  test.each([
    ['change', 'not json'],
    ['change', '{"no":"kind"}'],
    ['change', 'null'],
    ['weather', '{}'],
  ])('%s %s is passed over', (event, data) => {
    expect(decode(event, data)).toBeNull()
  })
})

function streamOf(...pieces: string[]): Response {
  const encoder = new TextEncoder()
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece))
        controller.close()
      },
    }),
  )
}

/** Runs a feed over these answers; it is stopped when they are used up. */
async function run(answers: (() => Response)[], now: () => number = () => 0) {
  const told: FeedMessage[] = []
  const asked: Headers[] = []
  let forgotten = 0
  const feed = new LiveFeed({
    token: async () => 'token',
    forgetToken: () => {
      forgotten += 1
    },
    url: (token) => `/live?token=${token}`,
    tell: (message) => told.push(message),
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers))
      const answer = answers.shift()
      if (!answer) {
        feed.stop()
        throw new Error('stopped')
      }
      return answer()
    },
    now,
    wait: async () => undefined,
    watch: () => ({ touch: () => undefined, stop: () => undefined }),
  })
  await feed.run()
  return { told, asked, forgotten }
}

describe('the live feed', () => {
  test('goes on after the last event it saw', async () => {
    const { told, asked } = await run([
      () => streamOf('id: 1:5\nevent: change\ndata: {"kind":"asset"}\n\n'),
      () => streamOf('event: reload\ndata: {}\n\n'),
    ])

    expect(asked.map((headers) => headers.get('Last-Event-ID'))).toEqual([null, '1:5', '1:5'])
    expect(
      told.filter(({ type }) => type !== 'state' && type !== 'alive').map((message) => message.type),
    ).toEqual(['change', 'reload'])
  })

  test('says that the server is gone only at the second failure in a row', async () => {
    const down = () => new Response('', { status: 503 })
    const { told } = await run([() => streamOf(': hello\n\n'), down, down])

    const states = told.flatMap((message) => (message.type === 'state' ? [message.state] : []))
    expect(states).toEqual(['live', 'connecting', 'gone'])
  })

  test('an ordinary end after minutes is not spoken of', async () => {
    let minutes = 0
    const { told, asked } = await run([() => streamOf(': a\n\n'), () => streamOf(': b\n\n')], () => {
      minutes += 5
      return minutes * 60_000
    })

    expect(asked).toHaveLength(3)
    const states = told.filter(({ type }) => type === 'state')
    expect(states).toMatchObject([{ type: 'state', state: 'live' }])
  })

  test('forgets a token that was refused', async () => {
    const { forgotten } = await run([() => new Response('', { status: 401 })])

    expect(forgotten).toBe(1)
  })

  test('ends when the session has ended', async () => {
    const told: FeedMessage[] = []
    const feed = new LiveFeed({
      token: () => Promise.reject(Object.assign(new Error(), { status: 401 })),
      forgetToken: () => undefined,
      url: () => '/live',
      tell: (message) => told.push(message),
    })

    await feed.run()

    expect(told).toMatchObject([{ type: 'state', state: 'signed_out' }])
  })
})
