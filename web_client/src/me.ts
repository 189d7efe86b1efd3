import { createContext, useContext } from 'react'
import type { Me } from './api/types'

export const MeContext = createContext<Me | null>(null)

/** The person who is logged in. Only below a page that asks for a log-in. */
export function useMe(): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('nobody is logged in here')
  return me
}
