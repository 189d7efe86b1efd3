/** What an answer is worth, explained by the question's own words. */
import type { TFunction } from 'i18next'
import type { Language } from '../../api/types'
import type { Body, Item, Words } from './plain'
import type { Outcome } from './shapes'
import { lettersOf } from './writing'

export type Part = Outcome['parts'][number]

/** Parts that say more than the points of the whole do. */
export function partsOf({ parts }: Outcome): Part[] {
  return parts.filter(({ where, why }) => parts.length > 1 || where !== '' || why === 'unit' || why === 'unread')
}

/** What a part of the answer is called: an option's text, a gap, a pair. */
export function partName(item: Item, where: string, language: Language, t: TFunction): string {
  if (!where) return t('bank.wholeAnswer')
  const { body } = item
  if (body.kind === 'cloze' || body.kind === 'table') return t('bank.gap', { name: where })
  if (body.kind === 'hotspot') {
    return t('bank.region', { number: body.regions.findIndex(({ id }) => id === where) + 1 })
  }
  const [left = '', right] = where.split('>')
  const names = namesOf(body, language)
  if (right === undefined) return names.get(`left ${left}`) ?? left
  return `${names.get(`left ${left}`) ?? left} → ${names.get(`right ${right}`) ?? right}`
}

function namesOf(body: Body, language: Language): Map<string, string> {
  const text = (words: Words | undefined, at: number) =>
    lettersOf(words?.[language] ?? words?.kk ?? words?.ru ?? words?.en).slice(0, 80) || String(at + 1)
  const named = (side: string, list: readonly { id: string; words?: Words }[]) =>
    list.map((one, at) => [`${side} ${one.id}`, text(one.words, at)] as const)
  switch (body.kind) {
    case 'single':
    case 'multiple':
      return new Map(named('left', body.options))
    case 'ordering':
      return new Map([...named('left', body.options), ...named('right', body.options)])
    case 'matching':
      return new Map([...named('left', body.left), ...named('right', body.right)])
    case 'drag_onto':
      return new Map([...named('left', body.labels), ...named('right', body.zones)])
    default:
      return new Map()
  }
}
