import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Checked } from '../../api/types'
import { explain, isRefusal, Refusal } from '../../base/errors'
import { useValue } from '../../base/react'
import { useSchool } from '../school/context'
import classes from '../school/school.module.css'
import { following, type ImportModel, inOrder } from './model'
import own from './View.module.css'

/** What would become of each row, or became; and what to do about it. */
export function Outcome({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { report, taken, busy } = useValue(model.state)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (report) heading.current?.focus()
  }, [report])
  if (!report) return null
  const { added, same, refused, rows } = report
  return (
    <section className={classes.part} data-report={taken ? 'taken' : 'checked'}>
      <h2 ref={heading} tabIndex={-1}>
        {t(taken ? 'import.taken' : 'import.checked')}
      </h2>
      <ul className={own.counts}>
        <li>
          <span className={added ? 'st ok' : 'st'}>
            {t(taken ? 'import.outcome.added' : 'import.outcome.add')}: {added}
          </span>
        </li>
        <li>
          <span className="st">
            {t('import.outcome.same')}: {same}
          </span>
        </li>
        <li>
          <span className={refused ? 'st bad' : 'st'}>
            {t('import.outcome.refused')}: {refused}
          </span>
        </li>
      </ul>
      {taken ? (
        <Onward model={model} />
      ) : (
        <div className={classes.row}>
          {refused === 0 && (
            <Button disabled={busy || added === 0} onClick={() => void model.take(false)}>
              {t('import.take', { count: added })}
            </Button>
          )}
          {refused > 0 && added > 0 && (
            <Button disabled={busy} onClick={() => void model.take(true)}>
              {t('import.takeGood', { count: added })}
            </Button>
          )}
          {refused > 0 && <p className="muted sm">{t('import.correct')}</p>}
        </div>
      )}
      <ol className={own.rows}>
        {inOrder(rows).map((row) => (
          <Line key={row.line} row={row} isTaken={taken !== null} />
        ))}
      </ol>
    </section>
  )
}

const SIGN = { add: 'st ok', same: 'st', refused: 'st bad' } as const

function Line({ row, isTaken }: { row: Checked; isTaken: boolean }) {
  const { t } = useTranslation()
  const word = row.outcome === 'add' && isTaken ? 'added' : row.outcome
  return (
    <li data-line={row.line} data-outcome={row.outcome}>
      <span className="num muted sm">{t('import.row', { line: row.line })}</span>
      <span className={own.label}>{row.label}</span>
      <span className={SIGN[row.outcome]}>{t(`import.outcome.${word}`)}</span>
      {row.outcome === 'refused' && <p className={own.why}>{whyOf(row, t)}</p>}
    </li>
  )
}

/** `Class: there is no such class …` */
function whyOf(row: Checked, t: TFunction): string {
  const { code = '', column = '', params = {} } = row
  if (code === 'cell_unfit') {
    return t(`import.cell.${column}`, { defaultValue: t('error.cell_unfit') })
  }
  const why = explain(new Refusal(code, 0, params))
  return column ? `${t(`import.column.${column}`, { defaultValue: column })}: ${why}` : why
}

/** What kept the list from being read at all. */
export function problemOf(error: unknown, t: TFunction): string {
  if (!isRefusal(error, 'list_unfit')) return explain(error)
  const { why, columns, most } = (error as Refusal).params
  const named = (Array.isArray(columns) ? columns : [])
    .map((column) => t(`import.column.${column}`, { defaultValue: String(column) }))
    .join(', ')
  return t(`import.unfit.${String(why)}`, {
    columns: named,
    most,
    defaultValue: t('error.list_unfit'),
  })
}

function Onward({ model }: { model: ImportModel }) {
  const { t } = useTranslation()
  const { to } = useSchool()
  const { draft } = useValue(model.state)
  const next = following(draft.kind)
  const place = { classes: 'classes', people: 'people', courses: 'courses', lessons: 'timetable' }
  return (
    <div className={classes.row}>
      {next && (
        <Button onClick={() => model.begin(next)}>
          {t('import.next', { kind: t(`import.kind.${next}`) })}
        </Button>
      )}
      <Button
        component={Link}
        href={to(place[draft.kind])}
        variant={next ? 'default' : 'filled'}
      >
        {t('import.look')}
      </Button>
    </div>
  )
}
