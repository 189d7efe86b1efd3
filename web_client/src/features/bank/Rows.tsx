import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { dayOf } from '../../base/format'
import { currentLanguage, named } from '../../base/i18n'
import { useMe } from '../../me'
import type { State } from './list'
import { easeOf } from './list'
import type { Directory, ItemRow } from './shapes'
import classes from './bank.module.css'

const SIGN: Record<State, string> = { draft: '', review: 'attn', approved: 'ok', retired: 'unseen' }

/** Where a question stands, and whether something is wrong with it. */
export function StateSign({ state, sound }: { state: State; sound: boolean }) {
  const { t } = useTranslation()
  return (
    <>
      <span className={`st ${SIGN[state]}`}>{t(`bank.state.${state}`)}</span>
      {!sound && <span className="st bad">{t('bank.unsound')}</span>}
    </>
  )
}

interface Props {
  items: readonly ItemRow[]
  directory: Pick<Directory, 'subjects'> | null
  /** Where several are chosen at once. */
  choosing?: Choosing | undefined
}

export interface Choosing {
  has(row: ItemRow): boolean
  toggle(row: ItemRow): void
}

/** Questions of a bank, each with what one chooses by. */
export function Rows({ items, directory, choosing }: Props) {
  const { t } = useTranslation()
  return (
    <ul className={classes.list} aria-label={t('bank.questions')}>
      {items.map((row) => (
        <Row key={row.id} row={row} directory={directory} choosing={choosing} />
      ))}
    </ul>
  )
}

function Row({ row, directory, choosing }: { row: ItemRow } & Omit<Props, 'items'>) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const here = currentLanguage()
  const { kk, ru, en } = row.titles
  const title = { kk, ru, en }[here] || kk || ru || en || t('bank.untitled')
  const subject = directory?.subjects.find(({ code }) => code === row.subject)
  const about = [
    t(`bank.kind.${row.kind}`),
    row.subject && (subject ? named(subject.names) : row.subject),
    ...row.objectives,
    row.difficulty > 0 && t(`bank.level5.${row.difficulty}`),
    t('bank.pointsOf', { points: row.points }),
  ].filter(Boolean)
  return (
    <li data-item={row.id} data-state={row.state}>
      {choosing && (
        <label className={classes.tickBox}>
          <span className="vh">{t('bank.many.choose', { title })}</span>
          <input type="checkbox" checked={choosing.has(row)} onChange={() => choosing.toggle(row)} />
        </label>
      )}
      <div className={classes.main}>
        <Link href={`/items/${row.id}`} className={classes.name}>
          {title}
        </Link>
        <span className="muted sm">{about.join(' · ')}</span>
        <span className="muted sm">
          {row.author || t('bank.nobody')} · {dayOf(row.changed_at, zone)}
          {row.asked > 0 && ` · ${t('bank.asked', { count: row.asked })}`}
          {row.facility !== null && ` · ${t(`bank.ease.${easeOf(row.facility)}`)} (${Math.round(row.facility * 100)} %)`}
        </span>
      </div>
      <div className={classes.signs}>
        <StateSign state={row.state} sound={row.sound} />
        <span className={`${classes.tongues} sm`}>
          <span className="vh">{t('bank.languages')}: </span>
          {row.languages.join(' ')}
        </span>
      </div>
    </li>
  )
}
