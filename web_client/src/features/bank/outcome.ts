/** What an answer is worth, explained by the question's own words. */
import type { TFunction } from 'i18next'
import type { Option, Shown } from '../questions/shapes'
import type { Item, Rich } from './plain'
import type { Outcome } from './shapes'
import { lettersOf } from './writing'

export type Part = Outcome['parts'][number]

/** Parts that say more than the points of the whole do. */
export function partsOf({ parts }: Outcome): Part[] {
  return parts.filter(({ where, why }) => parts.length > 1 || where !== '' || why === 'unit' || why === 'unread')
}

/** What a part of the answer is called: an option's text, a gap, a pair, as they are shown; areas of a picture, which
 *  are shown to nobody, by their place in the question. */
export function partName(item: Item, shown: Shown, where: string, t: TFunction): string {
  if (!where) return t('bank.wholeAnswer')
  if (shown.kind === 'cloze' || shown.kind === 'table') return t('bank.gap', { name: where })
  if (item.body.kind === 'hotspot') {
    return t('bank.region', { number: item.body.regions.findIndex(({ id }) => id === where) + 1 })
  }
  const [left = '', right] = where.split('>')
  const names = namesOf(shown)
  if (right === undefined) return names.get(`left ${left}`) ?? left
  return `${names.get(`left ${left}`) ?? left} → ${names.get(`right ${right}`) ?? right}`
}

function namesOf(shown: Shown): Map<string, string> {
  const named = (side: string, list: readonly Option[]) =>
    list.map(({ id, words }, at) => [`${side} ${id}`, lettersOf(words as Rich).slice(0, 80) || String(at + 1)] as const)
  switch (shown.kind) {
    case 'single':
    case 'multiple':
      return new Map(named('left', shown.options))
    case 'ordering':
      return new Map([...named('left', shown.options), ...named('right', shown.options)])
    case 'matching':
      return new Map([...named('left', shown.left), ...named('right', shown.right)])
    case 'drag_onto':
      return new Map([...named('left', shown.labels), ...named('right', shown.zones)])
    default:
      return new Map()
  }
}
