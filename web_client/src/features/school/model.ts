import type { Api } from '../../api/client'
import { follow, type Follower, type Synced } from '../../api/events'
import type { Link } from '../../api/link'
import type { SchoolApi } from '../../api/school'
import type { Fact, Level, OrganisationView, Slip } from '../../api/types'
import { compareNames } from '../../base/format'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

/** What may change while it is looked at; each names the lists that are to be read anew. */
export type Matter = 'people' | 'groups' | 'courses' | 'organisation'
/** How often each has changed since the page was opened. */
export type Changes = Readonly<Record<Matter, number>>

interface Kept {
  organisation: OrganisationView
  changes: Changes
}

const MATTER: Record<string, Matter> = {
  'people.people_changed': 'people',
  'groups.groups_changed': 'groups',
  'courses.courses_changed': 'courses',
  'orgs.organisation_changed': 'organisation',
  'orgs.organisation_added': 'organisation',
}

export function noteChange(changes: Changes, fact: Pick<Fact, 'name'>): Changes {
  const matter = MATTER[fact.name]
  return matter ? { ...changes, [matter]: changes[matter] + 1 } : changes
}

/** One organisation as who keeps it sees it, for as long as its pages are open. */
export class SchoolModel {
  readonly api: SchoolApi
  private readonly follower: Follower<Kept>
  private readonly made = new Cell<readonly Slip[]>([])

  constructor(
    private readonly scope: Scope,
    api: Api,
    link: Link,
    readonly id: string,
  ) {
    this.api = api.school(id)
    link.use(scope)
    this.follower = follow(scope, link, {
      snapshot: async () => {
        const { position, organisation } = await this.api.read()
        const changes = { people: 0, groups: 0, courses: 0, organisation: 0 }
        return { topic: `keeping:${id}`, position, state: { organisation, changes } }
      },
      reduce: (kept, fact) => ({ ...kept, changes: noteChange(kept.changes, fact) }),
    })
  }

  get kept(): Value<Synced<Kept>> {
    return this.follower.value
  }

  /** Log-in slips made last: kept here only, until the pages of the school are left. */
  get slips(): Value<readonly Slip[]> {
    return this.made
  }

  /** Makes slips for these people, however many. */
  async makeSlips(persons: readonly string[], most = MOST_SLIPS): Promise<void> {
    const slips: Slip[] = []
    for (let from = 0; from < persons.length; from += most) {
      slips.push(...(await this.api.slips(persons.slice(from, from + most))).items)
      this.made.set([...slips].sort((a, b) => compareNames(a.name, b.name)))
    }
  }

  showSlips(slips: readonly Slip[]): void {
    this.made.set(slips)
  }

  forgetSlips(): void {
    this.made.set([])
  }

  /** Reads the organisation itself anew; its lists stay. */
  async renew(): Promise<void> {
    const { organisation } = await this.api.read()
    if (!this.scope.ended) this.follower.change((kept) => ({ ...kept, organisation }))
  }

  reload(): void {
    void this.follower.reload()
  }
}

const MOST_SLIPS = 100

const LEVELS: readonly Level[] = ['republic', 'oblast', 'city', 'district', 'organisation']

/** What may stand below a unit of this level: a level may be left out, never turned round. */
export function levelsBelow(level: Level): Level[] {
  return level === 'organisation'
    ? []
    : LEVELS.filter((one) => LEVELS.indexOf(one) > LEVELS.indexOf(level)).reverse()
}
