import { expect, test } from 'vitest'
import { FeedTokens, withToken } from '../src/api/feed-token'

const at = (ms: number) => new Date(ms).toISOString()

function tokensOf(lifetime: number) {
  const state = { now: 0, asked: 0 }
  const tokens = new FeedTokens(
    async () => {
      state.asked += 1
      return { token: `t${state.asked}`, expires_at: at(state.now + lifetime) }
    },
    () => state.now,
  )
  return { state, tokens }
}

test('a token is asked for once while it is good', async () => {
  const { state, tokens } = tokensOf(300_000)

  await Promise.all([tokens.get(), tokens.get(), tokens.get()])
  state.now = 200_000
  await tokens.get()

  expect(state.asked).toBe(1)
})

test('it is renewed a minute before it ends', async () => {
  const { state, tokens } = tokensOf(300_000)
  await tokens.get()

  state.now = 245_000

  expect(await tokens.get()).toBe('t2')
})

test('a refused token is asked for anew', async () => {
  const { tokens } = tokensOf(300_000)
  await tokens.get()

  tokens.forget()

  expect(await tokens.get()).toBe('t2')
})

test('a failed request is not remembered', async () => {
  let fail = true
  const tokens = new FeedTokens(async () => {
    if (fail) throw new Error('gone')
    return { token: 'ok', expires_at: at(Date.now() + 300_000) }
  })

  await expect(tokens.get()).rejects.toThrow('gone')
  fail = false

  expect(await tokens.get()).toBe('ok')
})

test('a browser clock that is hours ahead does not ask before every tile', async () => {
  const { state, tokens } = tokensOf(-7_200_000)

  await tokens.get()
  await tokens.get()

  expect(state.asked).toBe(1)
})

test('the token replaces the one the address carried', () => {
  expect(withToken('http://h/tiles/cells+assets/1/2/3.mvt?token=old', 'new')).toBe(
    'http://h/tiles/cells+assets/1/2/3.mvt?token=new',
  )
})
