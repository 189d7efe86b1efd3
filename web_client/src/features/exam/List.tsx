import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { dayOf, lengthOf, timeOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { examApi } from './api'
import { type Way, wayOf } from './list'
import classes from './Rest.module.css'
import type { ExamRow } from './shapes'

/** Tests that the reader is to pass: what may be done about each now. */
export default function MyExams() {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded(scope, () => examApi(api.http).exams()), [api])
  return loaded ? <Body loaded={loaded} /> : <Waiting>{t('app.loading')}</Waiting>
}

function Body({ loaded }: { loaded: Loaded<{ items: ExamRow[] }> }) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const mine = read.value.items.filter(({ part }) => part === 'taker')
  if (mine.length === 0) return <p className="muted">{t('exam.none')}</p>
  return (
    <ul className={classes.lines}>
      {mine.map((row) => (
        <Line key={row.id} row={row} />
      ))}
    </ul>
  )
}

export function Line({ row }: { row: ExamRow }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { clock } = useServices()
  const way = wayOf(row, clock.now())
  const at = (moment: string | null) => (moment ? `${dayOf(moment, zone)}, ${timeOf(moment, zone)}` : '')
  const facts = [
    row.kind === 'practice' && t('exam.practice'),
    row.kind === 'resit' && t('exam.resit'),
    row.seconds !== null && lengthOf(row.seconds * 1000),
    t('exam.questionCount', { count: row.questions }),
  ]
  return (
    <li className={classes.line} data-exam={row.id} data-way={way}>
      <div className={classes.what}>
        <b>{row.title}</b>
        <span className="sm muted">{facts.filter(Boolean).join(' · ')}</span>
        <span className="sm">
          {way === 'soon' && t('exam.opensAt', { at: at(row.opens_at) })}
          {way === 'begin' && row.closes_at && t('exam.closesAt', { at: at(row.closes_at) })}
          {['closed', 'cancelled', 'missed'].includes(way) && t(`exam.way.${way}`)}
          {way === 'goOn' && t('exam.way.goesOn')}
          {(way === 'look' || way === 'lookAndBegin') && t('exam.way.done')}
        </span>
      </div>
      <div className={classes.pair}>
        {LOOKS.includes(way) && (
          <Button component={Link} href={`/sittings/${row.sitting!.id}`} variant="default">
            {t('exam.look')}
          </Button>
        )}
        {way === 'goOn' && (
          <Button component={Link} href={`/sittings/${row.sitting!.id}`}>
            {t('exam.goOn')}
          </Button>
        )}
        {BEGINS.includes(way) && (
          <Button component={Link} href={`/exams/${row.id}/sit`} variant={way === 'soon' ? 'default' : 'filled'}>
            {t(way === 'soon' ? 'exam.readRules' : way === 'lookAndBegin' ? 'exam.beginAgain' : 'exam.begin')}
          </Button>
        )}
      </div>
    </li>
  )
}

const LOOKS: readonly Way[] = ['look', 'lookAndBegin']
const BEGINS: readonly Way[] = ['begin', 'soon', 'lookAndBegin']
