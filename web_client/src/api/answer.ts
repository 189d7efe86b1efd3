import { refusalOf, unreachable } from '../base/errors'

/** The body of an answer; throws its `Refusal`, or `unreachable`. */
export async function answer<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  let got: { data?: T; error?: unknown; response: Response }
  try {
    got = await asked
  } catch {
    throw unreachable()
  }
  if (!got.response.ok || got.data === undefined) throw refusalOf(got.error, got.response.status)
  return got.data
}
