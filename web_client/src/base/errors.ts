import i18next from 'i18next'

/** An expected "no" of the server, or of this device. `code` has a sentence in every catalogue. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly params: Record<string, unknown> = {},
  ) {
    super(code)
  }
}

/** The server could not be reached, or did not answer in time. */
export const unreachable = () => new Refusal('unreachable')

/** Reads `{code, status, params}` as problem+json and command answers carry it. */
export function refusalOf(problem: unknown, status: number): Refusal {
  const body = (problem ?? {}) as { code?: unknown; status?: unknown; params?: unknown }
  const code =
    typeof body.code === 'string' ? body.code : status >= 500 ? 'server_failed' : 'unknown'
  const params = typeof body.params === 'object' && body.params ? body.params : {}
  return new Refusal(code, status, params as Record<string, unknown>)
}

export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof Refusal && error.code === code
}

/** The sentence for a person: what happened and what to do. Anything unknown gets the general one. */
export function explain(error: unknown): string {
  if (!(error instanceof Refusal)) return i18next.t('error.unknown')
  return i18next.t([`error.${error.code}`, 'error.unknown'], error.params)
}
