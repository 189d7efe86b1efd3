import { useMemo, useRef } from 'react'
import { type ExamsApi, examsApi } from '../../api/exams'
import { isRefusal } from '../../base/errors'
import { useModel, useValue } from '../../base/react'
import type { Value } from '../../base/value'
import { useServices } from '../../services'
import type { List } from '../school/context'
import { Loaded, type Reading } from '../school/loaded'

export function useExams(): ExamsApi {
  const { api } = useServices()
  return useMemo(() => examsApi(api.http), [api])
}

const WAITING: Reading<never> = { phase: 'loading' }
const NOTHING: Value<Reading<never>> = { get: () => WAITING, watch: () => () => undefined }

/** Reads from the server when the page opens and when `keys` change; what was read last stays meanwhile if `keep`. */
export function useLoaded<T>(ask: () => Promise<T>, keys: readonly unknown[], keep = false): List<T> {
  const { entrance } = useServices()
  const loaded = useModel(
    (scope) =>
      new Loaded(scope, ask, (error) => {
        if (isRefusal(error, 'not_logged_in')) void entrance.stayOut()
      }),
    keys,
  )
  const now = useValue<Reading<T>>(loaded?.state ?? NOTHING)
  const last = useRef(now)
  if (now.phase !== 'loading') last.current = now
  const shown = keep && last.current.phase === 'ready' ? last.current : now
  return { ...shown, read: async () => loaded?.read(), again: () => loaded?.again() }
}
