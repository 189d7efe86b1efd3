import type { MyLearner } from '../../api/types'

/** The classes that any of these learn in, in their order. */
export function classesOf(learners: readonly MyLearner[]): string[] {
  const names = new Set(learners.flatMap(({ groups }) => groups))
  return [...names].sort((a, b) => a.localeCompare(b, 'kk', { numeric: true }))
}

/** Those of a class (`''`: of any) whose name has words that begin so. */
export function found(learners: readonly MyLearner[], group: string, typed: string): MyLearner[] {
  const wanted = wordsOf(typed)
  return learners.filter(({ name, groups }) => {
    const words = wordsOf(name)
    const fits = wanted.every((one) => words.some((word) => word.startsWith(one)))
    return fits && (group === '' || groups.includes(group))
  })
}

function wordsOf(text: string): string[] {
  return text.toLocaleLowerCase('kk').split(/\s+/).filter(Boolean)
}
