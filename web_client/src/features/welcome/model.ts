import type { Api } from '../../api/client'
import type { DemoPerson } from '../../api/types'
import { Cell, type Value } from '../../base/value'
import type { Entrance } from '../entrance/model'

export type DemoSchool =
  | { phase: 'opening' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'open'; groups: RoleGroup[]; entering: string | null; error: unknown }

export interface RoleGroup {
  role: string
  people: DemoPerson[]
}

const ORDER = ['teacher', 'learner', 'parent', 'director', 'deputy', 'proctor', 'administrator']

/** Opens the demo school and lets one choose who to be. */
export class DemoModel {
  private readonly cell = new Cell<DemoSchool>({ phase: 'opening' })

  constructor(
    private readonly api: Api,
    private readonly entrance: Entrance,
  ) {
    void this.open()
  }

  get school(): Value<DemoSchool> {
    return this.cell
  }

  async open(): Promise<void> {
    this.cell.set({ phase: 'opening' })
    try {
      const { people } = await this.api.openDemo()
      this.cell.set({ phase: 'open', groups: byRole(people), entering: null, error: null })
    } catch (error) {
      this.cell.set({ phase: 'failed', error })
    }
  }

  /** Answers whether one is in. */
  async enter(login: string): Promise<boolean> {
    const school = this.cell.get()
    if (school.phase !== 'open' || school.entering) return false
    this.cell.set({ ...school, entering: login, error: null })
    try {
      await this.entrance.enterDemo(login)
      return true
    } catch (error) {
      this.cell.set({ ...school, entering: null, error })
      return false
    }
  }
}

/** Those who give lessons first, then those who take them, then the rest. */
export function byRole(people: DemoPerson[]): RoleGroup[] {
  const groups = new Map<string, DemoPerson[]>()
  for (const person of people) {
    groups.set(person.role, [...(groups.get(person.role) ?? []), person])
  }
  const rank = (role: string) => (ORDER.includes(role) ? ORDER.indexOf(role) : ORDER.length)
  return [...groups]
    .map(([role, members]) => ({ role, people: members }))
    .sort((a, b) => rank(a.role) - rank(b.role))
}
