import { createContext, useContext, useEffect, useRef, useState } from 'react'
import type { SchoolApi } from '../../api/school'
import type { OrganisationView } from '../../api/types'
import { isRefusal } from '../../base/errors'
import { dateOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import type { Value } from '../../base/value'
import { useServices } from '../../services'
import { schoolYearOf } from './days'
import { Loaded, type Reading } from './loaded'
import type { Changes, Matter, SchoolModel } from './model'

export interface School {
  model: SchoolModel
  api: SchoolApi
  organisation: OrganisationView
  changes: Changes
  /** The day there. */
  today: string
  /** The school year worked in. */
  year: number
  /** May this person change people, or classes, courses and lessons? */
  keepsPeople: boolean
  keepsPlan: boolean
  makesSlips: boolean
  /** An address within this school's pages: `to('people')`. */
  to(path: string): string
}

export const SchoolContext = createContext<School | null>(null)

export function useSchool(): School {
  const school = useContext(SchoolContext)
  if (!school) throw new Error('no school above this component')
  return school
}

export function schoolOf(
  model: SchoolModel,
  organisation: OrganisationView,
  changes: Changes,
  now: number,
): School {
  const today = dateOf(now, organisation.zone)
  const { may } = organisation
  return {
    model,
    api: model.api,
    organisation,
    changes,
    today,
    year: organisation.school_year ?? schoolYearOf(today),
    keepsPeople: may.includes('roll:write'),
    keepsPlan: may.includes('plan:write'),
    makesSlips: may.includes('slip:make'),
    to: (path) => `/school/${organisation.id}${path ? `/${path}` : ''}`,
  }
}

export type List<T> = Reading<T> & {
  /** Reads it again, quietly. */
  read(): Promise<void>
  /** Begins anew after a failure. */
  again(): void
}

const WAITING: Reading<never> = { phase: 'loading' }
const NOTHING: Value<Reading<never>> = { get: () => WAITING, watch: () => () => undefined }

/** Reads from the server when the page opens, when `keys` change, and when one of `matters` does.
 *  `keep`: what was read for other keys stays until the answer is there. */
export function useList<T>(
  ask: () => Promise<T>,
  keys: readonly unknown[],
  matters: readonly Matter[] = [],
  keep = false,
): List<T> {
  const { changes } = useSchool()
  const { entrance } = useServices()
  const loaded = useModel(
    (scope) =>
      new Loaded(scope, ask, (error) => {
        if (isRefusal(error, 'not_logged_in')) void entrance.stayOut()
      }),
    keys,
  )
  const seen = matters.map((matter) => changes[matter]).join()
  const [first] = useState(seen)
  useEffect(() => {
    if (loaded && seen !== first) void loaded.read()
  }, [seen])
  const now = useValue<Reading<T>>(loaded?.state ?? NOTHING)
  const last = useRef(now)
  if (now.phase !== 'loading') last.current = now
  const shown = keep && last.current.phase === 'ready' ? last.current : now
  return {
    ...shown,
    read: async () => loaded?.read(),
    again: () => loaded?.again(),
  }
}

export interface Task {
  busy: boolean
  error: unknown
  /** Answers whether it was done. Does nothing while another is on its way. */
  run(work: () => Promise<unknown>): Promise<boolean>
  clear(): void
}

/** One thing asked of the server at a time, and what kept it from being done. */
export function useTask(): Task {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({
    busy: false,
    error: null,
  })
  return {
    ...state,
    async run(work) {
      if (state.busy) return false
      setState({ busy: true, error: null })
      try {
        await work()
        setState({ busy: false, error: null })
        return true
      } catch (error) {
        setState({ busy: false, error })
        return false
      }
    },
    clear: () => setState({ busy: false, error: null }),
  }
}
