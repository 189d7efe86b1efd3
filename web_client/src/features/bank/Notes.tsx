import { useTranslation } from 'react-i18next'
import { aboutOf, firstOf, reasonOf } from './reporting'
import type { Note } from './shapes'
import classes from './bank.module.css'

interface Props {
  title: string
  notes: readonly Note[]
  sign: 'bad' | 'attn'
  /** How a place is called, where it is not told as the file tells it. */
  place?: (where: string) => string
}

/** Each question that was refused or lost something: where it stands, and why. */
export function Notes({ title, notes, sign, place = (where) => where }: Props) {
  const { t } = useTranslation()
  if (notes.length === 0) return null
  const { shown, more } = firstOf(notes)
  return (
    <section aria-label={title} data-notes={sign}>
      <h4 className={`st ${sign}`}>{title}</h4>
      <ul className={classes.notes}>
        {shown.map((one, at) => (
          <li key={at}>
            <b className="num">{place(one.where)}</b>
            <span>
              {reasonOf(one, t)}
              {aboutOf(one, t) && <code>{aboutOf(one, t)}</code>}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="muted sm">{t('bank.report.more', { count: more })}</p>}
    </section>
  )
}
