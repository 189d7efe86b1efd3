import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExamView, Results } from '../../../api/exams'
import { named } from '../../../base/i18n'
import { More } from '../parts'
import { shownNumber } from '../decimal'
import exam_ from '../exams.module.css'
import { alphaWord, heights, type Question, warningsOf } from './model'
import { Regrade, Regrades } from './Regrade'
import classes from './results.module.css'

interface Props {
  exam: ExamView
  found: Results
  reread: () => void
}

/** The chart, the figures of the whole test, and those of each question with what they mean. */
export function Statistics({ exam, found, reread }: Props) {
  const { t, i18n } = useTranslation()
  const { statistics } = found
  const [faulty, setFaulty] = useState<Question>()
  const language = i18n.language
  const warned = statistics.questions.filter((one) => warningsOf(one).some(({ bad }) => bad)).length
  return (
    <>
      <Chart columns={statistics.histogram} />
      <section className={exam_.group} aria-label={t('exams.figures')}>
        <h2>{t('exams.figures')}</h2>
        <dl className={classes.facts}>
          <Fact name={t('exams.satCount')} value={String(statistics.count)} />
          <Fact name={t('exams.mean')} value={shownNumber(statistics.mean, language, 1)} />
          <Fact name={t('exams.deviation')} value={shownNumber(statistics.deviation, language, 1)} />
          <Fact name={t('exams.alphaName')} value={shownNumber(statistics.alpha, language, 2)} />
          <Fact name={t('exams.sem')} value={shownNumber(statistics.sem, language, 1)} />
        </dl>
        <p className="muted sm">{t(`exams.alpha.${alphaWord(statistics.alpha, statistics.count)}`)}</p>
      </section>
      <More summary={t('exams.questionFigures', { count: statistics.questions.length })} open={warned > 0}>
        {warned > 0 && <p className="st attn">{t('exams.lookAt', { count: warned })}</p>}
        <ol className={exam_.card} style={{ padding: 0, gap: 0 }}>
          {statistics.questions.map((question, at) => (
            <One
              key={question.item_id}
              question={question}
              nth={at + 1}
              {...(exam.part === 'chair' && { regrade: () => setFaulty(question) })}
            />
          ))}
        </ol>
      </More>
      <Regrades exam={exam} version={found} />
      {faulty && <Regrade exam={exam} question={faulty} close={() => setFaulty(undefined)} done={reread} />}
    </>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** How many got how much: columns to see, and the same numbers to hear. */
function Chart({ columns }: { columns: Results['statistics']['histogram'] }) {
  const { t } = useTranslation()
  const tall = heights(columns)
  return (
    <section className={classes.chart} aria-label={t('exams.chart')}>
      <h2>{t('exams.chart')}</h2>
      <ul className={classes.bars}>
        {columns.map(({ least, count }, at) => {
          const most = columns[at + 1]?.least ?? 100
          return (
            <li key={least}>
              <span className={`xs num ${count ? '' : exam_.zero}`} aria-hidden="true">
                {count}
              </span>
              <i style={{ height: `${tall[at]! * 80}%` }} aria-hidden="true" />
              <span className="vh">{t('exams.column', { least, most, count })}</span>
            </li>
          )
        })}
      </ul>
      <div className={`${classes.axis} xs muted num`} aria-hidden="true">
        {columns.map(({ least }) => (
          <span key={least}>{least}</span>
        ))}
      </div>
    </section>
  )
}

function One({ question, nth, regrade }: { question: Question; nth: number; regrade?: () => void }) {
  const { t, i18n } = useTranslation()
  const { title, asked, facility, discrimination, point_biserial, options, regraded } = question
  const percent = (share: number | null) => (share === null ? '–' : `${Math.round(share * 100)} %`)
  const name = named(title) || t('exams.questionNth', { nth })
  return (
    <li className={classes.question} data-question={nth}>
      <div className={classes.questionTop}>
        <b>
          {nth}. {name}
        </b>
        <span className="sm muted num">{t('exams.askedOf', { count: asked })}</span>
        {regraded && <span className="st attn">{t(`exams.regraded.${regraded}`)}</span>}
      </div>
      <p className="sm num">
        {t('exams.facility')}: <b>{percent(facility)}</b> · {t('exams.discrimination')}:{' '}
        <b>{shownNumber(discrimination, i18n.language, 2)}</b> · {t('exams.biserial')}:{' '}
        <b>{shownNumber(point_biserial, i18n.language, 2)}</b>
      </p>
      {options.length > 0 && (
        <ul className={classes.options} aria-label={t('exams.options')}>
          {options.map((option) => (
            <li key={option.id} data-right={option.right}>
              <span>
                {named(option.title) || option.id}
                {option.right && <span className="vh"> ({t('exams.isRight')})</span>}
              </span>
              <i style={{ width: `${Math.max(2, option.share * 100)}%` }} aria-hidden="true" />
              <span className="num">{percent(option.share)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.warns}>
        {warningsOf(question).map(({ what, bad, params }) => (
          <p key={`${what} ${params?.option}`} className={`st ${bad ? 'attn' : ''}`}>
            {t(`exams.warns.${what}`, params ?? {})}
          </p>
        ))}
      </div>
      {regrade && !regraded && (
        <div>
          <Button size="sm" variant="default" aria-label={t('exams.regradeOf', { name })} onClick={regrade}>
            {t('exams.regrade')}
          </Button>
        </div>
      )}
    </li>
  )
}
