import type { Person } from '../../../media/told'

export const WAYS = ['chance', 'hand', 'list'] as const
export type Way = (typeof WAYS)[number]

export interface Wish {
  by: Way
  count: number | null
  groups: { name: string; person_ids: string[] }[]
}

/** What to ask the room for. A list has a group a line: `name: surname, surname`; the name may be left out. */
export function groupsOf(
  way: Way,
  how: { count: number; put: ReadonlyMap<string, number>; list: string },
  learners: readonly Person[],
  name: (number: number) => string,
): Wish {
  if (way === 'list') {
    return { by: 'list', count: null, groups: readList(how.list, learners, name) }
  }
  const groups = Array.from({ length: how.count }, (_, place) => ({
    name: name(place + 1),
    person_ids:
      way === 'hand' ? [...how.put].filter(([, at]) => at === place).map(([person]) => person) : [],
  }))
  return { by: way, count: how.count, groups }
}

/** Everybody whose name holds the written one, capital letters aside; each person in one group only. */
export function readList(
  text: string,
  learners: readonly Person[],
  name: (number: number) => string,
): Wish['groups'] {
  const placed = new Set<string>()
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line, place) => {
      const [head, rest] = /^([^:]*):(.*)$/.exec(line)?.slice(1) ?? ['', line]
      const person_ids: string[] = []
      for (const written of rest!.split(',').map((part) => part.trim().toLowerCase())) {
        const found = learners.find(
          (person) =>
            written && person.name.toLowerCase().includes(written) && !placed.has(person.person_id),
        )
        if (!found) continue
        placed.add(found.person_id)
        person_ids.push(found.person_id)
      }
      return { name: head!.trim() || name(place + 1), person_ids }
    })
}
