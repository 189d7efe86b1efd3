import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Review as Found } from '../../api/exams'
import { dayOf, timeOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Question } from '../questions/Question'
import { RichText } from '../questions/Rich'
import type { Answer, Rich, Shown as QuestionShown } from '../questions/shapes'
import { Shown } from '../school/Frame'
import { shownNumber } from './decimal'
import classes from './exams.module.css'
import { FilesShown } from './marking/View'
import { StateWord } from './parts'
import results from './results/results.module.css'
import { useExams, useLoaded } from './use'

/** One sitting looked back at by the commission: all answers, keys and comments, and what was decided since. */
export default function Review({ id }: { id: string | undefined }) {
  const { t } = useTranslation()
  const exams = useExams()
  const heading = usePage(t('exams.review'))
  const review = useLoaded(() => exams.review(id!), [id], true)
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <Shown list={review}>
        {(found) => (
          <>
            <header className={classes.top}>
              <div className="grow">
                <Link href={`/exams/${found.exam_id}/results`} className={classes.back}>
                  <Icon name="arrow-left" size={18} />
                  {t('exams.tab.results')}
                </Link>
                <h1 ref={heading} tabIndex={-1}>
                  {found.title}
                </h1>
                <p className={`${classes.second} sm muted`}>
                  <b>{found.name ?? found.number}</b>
                  {found.attempt > 1 && <span>{t('exams.attemptNth', { nth: found.attempt })}</span>}
                  <StateWord state={found.state} />
                </p>
              </div>
            </header>
            <Told found={found} />
          </>
        )}
      </Shown>
    </main>
  )
}

function Told({ found }: { found: Found }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  if (!found.told) {
    return (
      <p className="note" role="status">
        <Icon name="clock" />
        {found.since
          ? t('exams.toldAt', { day: dayOf(found.since, zone), time: timeOf(found.since, zone) })
          : t('exams.notTold')}
      </p>
    )
  }
  return (
    <div className={results.review}>
      <Outcome found={found} />
      {found.regrades.map((one) => (
        <p key={`${one.at} ${one.how}`} className="note">
          <Icon name="info" />
          <span>
            {t('exams.regradeTold', { nth: one.places.join(', ') })} {t(`exams.regradeHows.${one.how}`)}. {one.why}
          </span>
        </p>
      ))}
      {found.questions.map((question) => (
        <One key={question.place} question={question} language={found.language} />
      ))}
      <Answered found={found} />
    </div>
  )
}

function Outcome({ found }: { found: Found }) {
  const { t, i18n } = useTranslation()
  const { result } = found
  if (!result) return <p className="muted">{t('exams.nothingTold')}</p>
  const language = i18n.language
  return (
    <section className={results.one} aria-label={t('exams.result')} data-result={result.label}>
      <dl className={results.facts}>
        <div>
          <dt>{t('exams.points')}</dt>
          <dd>
            {shownNumber(result.points, language)} / {shownNumber(result.most, language)}
          </dd>
        </div>
        {result.percent !== null && (
          <div>
            <dt>%</dt>
            <dd>{shownNumber(result.percent, language)}</dd>
          </div>
        )}
        {result.label && (
          <div>
            <dt>{t('exams.markHead')}</dt>
            <dd>
              {result.label} {result.words && <span className="sm muted">{named(result.words)}</span>}
            </dd>
          </div>
        )}
      </dl>
      {result.missing > 0 && <p className="st attn">{t('exams.toMark', { count: result.missing })}</p>}
      {named(result.source) && <p className="muted xs">{t('exams.scaleOf', { source: named(result.source) })}</p>}
    </section>
  )
}

interface OneProps {
  question: Found['questions'][number]
  language: string
}

function One({ question, language }: OneProps) {
  const { t, i18n } = useTranslation()
  const { place, points, most, shown, media, answer, files, parts, comments, key, said } = question
  const shownPoints =
    points === null
      ? t('exams.toMark', { count: 1 })
      : `${shownNumber(points, i18n.language)} / ${shownNumber(most, i18n.language)}`
  return (
    <section className={results.one} aria-label={t('exams.questionNth', { nth: place })} data-place={place}>
      <div className={results.oneTop}>
        <h2>{t('exams.questionNth', { nth: place })}</h2>
        <b className="num">{shownPoints}</b>
      </div>
      {shown && (
        <Question
          shown={shown as unknown as QuestionShown}
          answer={answer as unknown as Answer | null}
          onAnswer={() => undefined}
          disabled
          language={language}
          media={media}
        />
      )}
      {shown && !answer && <p className="muted sm">{t('exams.noAnswer')}</p>}
      {files.length > 0 && <FilesShown files={files} />}
      {parts.length > 1 && shown?.kind !== 'multiple' && (
        <ul className="sm num">
          {parts.map((part) => (
            <li key={part.where}>
              {part.where}: {shownNumber(part.got, i18n.language)} / {shownNumber(part.of, i18n.language)}
            </li>
          ))}
        </ul>
      )}
      {comments.map((comment) => (
        <blockquote key={comment} className={results.said}>
          <b className="sm">{t('exams.commentOfTeacher')}</b>
          {comment}
        </blockquote>
      ))}
      {said && (
        <div className={results.said} lang={language}>
          <RichText rich={said as Rich} media={media} />
        </div>
      )}
      {key && <Key shown={shown} keyShown={key} language={language} media={media} />}
    </section>
  )
}

interface KeyProps {
  shown: OneProps['question']['shown']
  keyShown: NonNullable<OneProps['question']['key']>
  language: string
  media: Record<string, string>
}

function Key({ shown, keyShown, language, media }: KeyProps) {
  const { t } = useTranslation()
  const { answer, accepted, sample, general } = keyShown
  const rich = [sample, general].filter((one) => one !== null)
  if (!answer && accepted.length === 0 && rich.length === 0) return null
  return (
    <details className={classes.more}>
      <summary>{t('exams.rightAnswer')}</summary>
      <div className={classes.form} lang={language}>
        {accepted.length > 0 && <p>{accepted.join('; ')}</p>}
        {answer && shown && accepted.length === 0 && (
          <Question
            shown={{ ...shown, prompt: {} } as unknown as QuestionShown}
            answer={answer as unknown as Answer}
            onAnswer={() => undefined}
            disabled
            language={language}
            media={media}
          />
        )}
        {rich.map((one, at) => (
          <RichText key={at} rich={one as Rich} media={media} />
        ))}
      </div>
    </details>
  )
}

function Answered({ found }: { found: Found }) {
  const { t, i18n } = useTranslation()
  if (found.appeals.length === 0) return null
  return (
    <section className={classes.group} aria-label={t('exams.appeals')}>
      <h2>{t('exams.appeals')}</h2>
      {found.appeals.map((one) => (
        <div key={one.id} className={results.one} data-appeal={one.state}>
          <p>
            {one.place !== null && <b>{t('exams.questionNth', { nth: one.place })}: </b>}
            {one.why}
          </p>
          <p>
            <b>{t(`exams.appeal.${one.state}`)}</b>{' '}
            {one.points !== null &&
              `(${shownNumber(one.before, i18n.language)} → ${shownNumber(one.points, i18n.language)}) `}
            {one.answer}
          </p>
        </div>
      ))}
    </section>
  )
}
