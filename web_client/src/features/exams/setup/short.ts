import { Refusal } from '../../../base/errors'

export interface Short {
  section: number
  objective: string
  difficulty: number
  wanted: number
  found: number
}

/** The cells that the banks cannot fill, of a refusal that names them. */
export function shortOf(error: unknown): readonly Short[] {
  if (!(error instanceof Refusal) || error.code !== 'blueprint_short') return []
  const { cells } = error.params
  return Array.isArray(cells) ? (cells as Short[]) : []
}
