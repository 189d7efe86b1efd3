import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Refusal } from '../../base/errors'
import { patiently } from './api'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const busy = () => new Refusal('busy', 503, {})

test('who is told that too much is asked asks again, and no more than six times', async () => {
  const asked = vi.fn<() => Promise<string>>().mockRejectedValueOnce(busy()).mockRejectedValueOnce(busy())
  const answered = patiently(asked.mockResolvedValue('begun'))
  await vi.runAllTimersAsync()
  expect(await answered).toBe('begun')
  expect(asked).toHaveBeenCalledTimes(3)

  const never = vi.fn<() => Promise<string>>().mockImplementation(() => Promise.reject(busy()))
  const refused = expect(patiently(never)).rejects.toMatchObject({ code: 'busy' })
  await vi.runAllTimersAsync()
  await refused
  expect(never).toHaveBeenCalledTimes(6)
})

test('another refusal is told at once', async () => {
  const asked = vi.fn<() => Promise<string>>().mockRejectedValue(new Refusal('not_admitted', 403, {}))
  await expect(patiently(asked)).rejects.toMatchObject({ code: 'not_admitted' })
  expect(asked).toHaveBeenCalledTimes(1)
})
