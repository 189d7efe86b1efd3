import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ExamView, Results as Found } from '../../../api/exams'
import { explain } from '../../../base/errors'
import { dayOf, timeOf } from '../../../base/format'
import { named } from '../../../base/i18n'
import { useMe } from '../../../me'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { saveAs } from '../../board/save'
import { bytesOf } from '../../import/model'
import { useTask } from '../../school/context'
import { Ask } from '../../school/form'
import { Empty, Shown } from '../../school/Frame'
import { tell } from '../../school/tell'
import { shownNumber } from '../decimal'
import exam_ from '../exams.module.css'
import { StateWord } from '../parts'
import { useExams, useLoaded } from '../use'
import { Judge } from './Judge'
import { type Order, ordered } from './model'
import { Statistics } from './Statistics'
import classes from './results.module.css'

/** What came out: the table, the chart, the figures of each question, and telling the learners. */
export default function Results({ exam, reread }: { exam: ExamView; reread: () => void }) {
  const exams = useExams()
  const results = useLoaded(() => exams.results(exam.id), [exam.id, exam.version], true)
  return (
    <Shown list={results}>
      {(found) => (
        <Inside
          exam={exam}
          found={found}
          reread={() => {
            void results.read()
            reread()
          }}
        />
      )}
    </Shown>
  )
}

interface Props {
  exam: ExamView
  found: Found
  reread: () => void
}

function Inside({ exam, found, reread }: Props) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const exams = useExams()
  const task = useTask()
  const [asking, setAsking] = useState(false)
  const sat = found.rows.filter(({ sitting_id }) => sitting_id)
  if (sat.length === 0) return <Empty title={t('exams.noResults')} text={t('exams.noResultsText')} />
  const save = () =>
    task.run(async () => {
      const { name, type, content } = await exams.resultsSheet(exam.id)
      saveAs(new Blob([bytesOf(content)], { type }), name)
    })
  return (
    <>
      <div className={exam_.row}>
        {exam.part === 'chair' && !found.released && (
          <Button disabled={!found.ready} onClick={() => setAsking(true)}>
            {t('exams.release')}
          </Button>
        )}
        {found.released && (
          <span className="st ok">
            {t('exams.releasedAt', { day: dayOf(found.released, zone), time: timeOf(found.released, zone) })}
          </span>
        )}
        {!found.ready && (
          <span className="st attn" role="status">
            {t('exams.stillMissing', { count: found.missing })}
          </span>
        )}
        <span className="grow" />
        <Button
          variant="default"
          leftSection={<Icon name="download" size={18} />}
          disabled={task.busy}
          onClick={() => void save()}
        >
          {t('exams.excel')}
        </Button>
        <Link href={`/exams/${exam.id}/protocol`} className="tap">
          <Icon name="printer" size={18} />
          {t('exams.protocol')}
        </Link>
      </div>
      {task.error !== null && <FieldError>{explain(task.error)}</FieldError>}
      <Judge exam={exam} rows={found.rows} done={reread} />
      <Table found={found} />
      {found.scale && (
        <p className="muted xs">
          {t('exams.scaleOf', { source: named(found.scale.source) })}
        </p>
      )}
      <Statistics exam={exam} found={found} reread={reread} />
      {asking && <Release exam={exam} close={() => setAsking(false)} done={reread} />}
    </>
  )
}

function Table({ found }: { found: Found }) {
  const { t, i18n } = useTranslation()
  const [by, setBy] = useState<Order>('name')
  const language = i18n.language
  return (
    <section className={exam_.group} aria-label={t('exams.tab.results')}>
      <div className={exam_.ends}>
        <NativeSelect
          label={t('exams.order')}
          value={by}
          onChange={(event) => setBy(event.currentTarget.value as Order)}
          data={(['name', 'points', 'group'] as const).map((one) => ({ value: one, label: t(`exams.orders.${one}`) }))}
        />
      </div>
      <div className={exam_.wide} tabIndex={0} role="group" aria-label={t('exams.tab.results')}>
        <table className={exam_.table}>
          <thead>
            <tr>
              <th scope="col">{t('exams.learner')}</th>
              <th scope="col">{t('exams.class')}</th>
              <th scope="col">{t('exams.stateHead')}</th>
              <th scope="col" className={exam_.n}>
                {t('exams.points')}
              </th>
              <th scope="col" className={exam_.n}>
                %
              </th>
              <th scope="col">{t('exams.markHead')}</th>
              {found.statistics.questions.map((question, at) => (
                <th key={question.item_id} scope="col" className={exam_.n} title={named(question.title)}>
                  {at + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered(found.rows, by).map((row) => (
              <tr key={row.sitting_id ?? row.person_id} data-result={row.person_id}>
                <th scope="row">
                  {row.sitting_id ? <Link href={`/sittings/${row.sitting_id}/review`}>{row.name}</Link> : row.name}
                  {row.attempt > 1 && <span className="muted xs"> · {t('exams.attemptNth', { nth: row.attempt })}</span>}
                </th>
                <td>{row.group}</td>
                <td>
                  <StateWord state={row.state || 'planned'} />
                </td>
                <td className={exam_.n}>
                  {row.points === null ? '–' : `${shownNumber(row.points, language)} / ${shownNumber(row.most, language)}`}
                </td>
                <td className={exam_.n}>{shownNumber(row.percent, language)}</td>
                <td>
                  {row.missing > 0 ? (
                    <span className="muted sm">{t('exams.toMark', { count: row.missing })}</span>
                  ) : (
                    <b>{row.label || '–'}</b>
                  )}
                </td>
                {found.statistics.questions.map((question, at) => {
                  const got = row.by_question.find((one) => one.question === at)
                  return (
                    <td key={question.item_id} className={exam_.n}>
                      {got ? shownNumber(got.points, language) : ''}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={`${classes.labels} sm`}>
        {found.statistics.labels.map(({ label, count }) => (
          <span key={label} className={count ? '' : exam_.zero}>
            {t('exams.labelCount', { label })} <b className="num">{count}</b>
          </span>
        ))}
      </p>
    </section>
  )
}

/** Told once and for all: what they will see, in words, beside the button. */
function Release({ exam, close, done }: { exam: ExamView; close: () => void; done: () => void }) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const send = async () => {
    if (!(await task.run(() => exams.release(exam.id)))) return
    tell(t('exams.releasedNow'))
    done()
    close()
  }
  return (
    <Ask title={t('exams.release')} close={close} task={task} submit={t('exams.release')} send={() => void send()}>
      <p>{t('exams.releaseText')}</p>
      <p>
        <b>{t(`exams.releaseWhats.${exam.data.release.what}`)}</b>
      </p>
    </Ask>
  )
}
