import { expect, test, vi } from 'vitest'
import { Polled } from '../src/state/polled.svelte'

test('however often it is asked, an answer comes, and it goes on asking', async () => {
  vi.useFakeTimers()
  const asked: (() => void)[] = []
  const polled = new Polled<number>(
    10_000,
    () => new Promise((answer) => asked.push(() => answer(asked.length))),
  )
  const end = polled.start()

  for (let i = 0; i < 50; i++) void polled.ask()
  expect(asked).toHaveLength(1)
  asked[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(polled.value).toBe(1)
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toHaveLength(2)
  asked[1]?.()
  await vi.advanceTimersByTimeAsync(10_001)
  expect(asked).toHaveLength(3)
  end()
  asked[2]?.()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(3)
  vi.useRealTimers()
})

test('a failure keeps what was there and asks again soon', async () => {
  vi.useFakeTimers()
  let down = false
  const polled = new Polled<string>(60_000, async () => {
    if (down) throw new Error('down')
    return 'here'
  })
  const end = polled.start()
  await vi.advanceTimersByTimeAsync(0)
  down = true
  void polled.ask()
  await vi.advanceTimersByTimeAsync(0)
  expect([polled.value, polled.failed]).toEqual(['here', true])
  down = false
  await vi.advanceTimersByTimeAsync(4001)
  expect(polled.failed).toBe(false)
  end()
  vi.useRealTimers()
})
