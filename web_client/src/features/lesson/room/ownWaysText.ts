import type { TFunction } from 'i18next'
import type { OwnLine, Way, WayTold } from './ownWays'

/** Rows of label and figure. */
export type Rows = readonly (readonly [string, string])[]

/** Of one way, in plain words. */
export function rowsOf(t: TFunction, way: Way): Rows {
  const or = (value: number | null, text: (value: number) => string) =>
    value === null ? t('line.unknown') : text(value)
  return [
    [t('line.loss'), or(way.loss, (loss) => `${decimal(t, 100 * loss, 1)} %`)],
    [t('line.roundTrip'), or(way.roundTrip, (seconds) => milliseconds(t, seconds))],
    [t('line.carries'), or(way.carries, (bits) => megabits(t, bits))],
  ]
}

/** All that was counted, to be read out to who helps, or sent. No names. */
export function letter(t: TFunction, line: OwnLine): string {
  const part = (title: string, way: Way | null, told: WayTold | null) => {
    const rows = [...(way ? rowsOf(t, way) : []), ...(told ? counted(t, told) : [])]
    if (way?.waits != null) rows.push([t('line.waits'), milliseconds(t, way.waits)])
    return [title, ...rows.map(([label, figure]) => `  ${label}: ${figure}`)]
  }
  const shown = (line.told.down?.pictures ?? []).filter(({ why }) => why !== 'off')
  return [
    `Sabaq, ${new Date(line.at).toISOString()}`,
    ...part(t('line.up'), line.up, line.told.up),
    ...part(t('line.down'), line.down, line.told.down),
    ...shown.map(({ layer, why }, index) => `  ${picture(t, index + 1, layer, why)}`),
  ].join('\n')
}

function picture(t: TFunction, number: number, layer: number | null, why: string | null): string {
  const size = layer === null ? t('line.none') : t('line.size', { number: layer + 1 })
  const said = `${t('line.picture', { number })}: ${size}`
  return why ? `${said}, ${t(`line.why.${why}`)}` : said
}

function counted(t: TFunction, { counts }: WayTold): Rows {
  const names = ['packets', 'lost', 'asked', 'repaired', 'given_up'] as const
  const rows: [string, string][] = []
  for (const name of names) {
    const count = counts[name]
    if (count != null) rows.push([t(`line.counts.${name}`), String(count)])
  }
  if (counts.bytes != null) {
    rows.push([t('line.counts.bytes'), t('line.megabytes', { value: decimal(t, counts.bytes / 1e6, 1) })])
  }
  return rows
}

function milliseconds(t: TFunction, seconds: number): string {
  return t('line.milliseconds', { value: Math.round(1000 * seconds) })
}

function megabits(t: TFunction, bits: number): string {
  return t('line.megabits', { value: decimal(t, bits / 1e6, bits < 1e6 ? 2 : 1) })
}

function decimal(t: TFunction, value: number, digits: number): string {
  return value.toFixed(digits).replace('.', t('line.point'))
}
