import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Review as Found } from '../../api/exams'
import { dayOf, timeOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Question } from '../questions/Question'
import { RichText } from '../questions/Rich'
import type { Answer, Rich, Shown as QuestionShown } from '../questions/shapes'
import { useTask } from '../school/context'
import { Ask } from '../school/form'
import { Shown } from '../school/Frame'
import { tell } from '../school/tell'
import { shownNumber } from './decimal'
import classes from './exams.module.css'
import { FilesShown } from './marking/View'
import { StateWord } from './parts'
import results from './results/results.module.css'
import { useExams, useLoaded } from './use'

/** One sitting looked back at: by whose it is as far as it is told, by the commission whole. */
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
                <Link href={found.name ? `/exams/${found.exam_id}/results` : '/exams'} className={classes.back}>
                  <Icon name="arrow-left" size={18} />
                  {found.name ? t('exams.tab.results') : t('nav.exams')}
                </Link>
                <h1 ref={heading} tabIndex={-1}>
                  {found.title}
                </h1>
                <p className={`${classes.second} sm muted`}>
                  {found.name && <b>{found.name}</b>}
                  {found.attempt > 1 && <span>{t('exams.attemptNth', { nth: found.attempt })}</span>}
                  <StateWord state={found.state} />
                </p>
              </div>
            </header>
            <Told found={found} reread={() => void review.read()} />
          </>
        )}
      </Shown>
    </main>
  )
}

function Told({ found, reread }: { found: Found; reread: () => void }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { clock } = useServices()
  const [asks, setAsks] = useState<{ place: number | null }>()
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
  const may = !found.name && found.appeal_until !== null && Date.parse(found.appeal_until) > clock.now()
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
        <One
          key={question.place}
          question={question}
          language={found.language}
          {...(may && { appeal: () => setAsks({ place: question.place }) })}
        />
      ))}
      <Answered found={found} />
      {may && found.appeal_until && (
        <div className={classes.row}>
          <Button variant="default" onClick={() => setAsks({ place: null })}>
            {t('exams.appealWhole')}
          </Button>
          <span className="muted sm">
            {t('exams.appealUntil', { day: dayOf(found.appeal_until, zone), time: timeOf(found.appeal_until, zone) })}
          </span>
        </div>
      )}
      {asks && <Appeal sitting={found.sitting_id} place={asks.place} close={() => setAsks(undefined)} done={reread} />}
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
      {result.source && <p className="muted xs">{t('exams.scaleOf', { source: result.source })}</p>}
    </section>
  )
}

interface OneProps {
  question: Found['questions'][number]
  language: string
  appeal?: () => void
}

function One({ question, language, appeal }: OneProps) {
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
      {parts.length > 1 && (
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
      {appeal && (
        <div>
          <Button variant="subtle" size="sm" aria-label={t('exams.appealOne', { nth: place })} onClick={appeal}>
            {t('exams.appealDo')}
          </Button>
        </div>
      )}
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

interface AppealProps {
  sitting: string
  place: number | null
  close: () => void
  done: () => void
}

function Appeal({ sitting, place, close, done }: AppealProps) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [why, setWhy] = useState('')
  const [sent, setSent] = useState(false)
  const send = async () => {
    setSent(true)
    if (!why.trim() || !(await task.run(() => exams.appeal(sitting, { place, why: why.trim() })))) return
    tell(t('exams.appealSent'))
    done()
    close()
  }
  const title = place === null ? t('exams.appealWhole') : t('exams.appealOne', { nth: place })
  return (
    <Ask title={title} close={close} task={task} submit={t('exams.appealSend')} send={() => void send()}>
      <Textarea
        label={t('exams.appealWhy')}
        value={why}
        maxLength={1000}
        rows={4}
        error={sent && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}
