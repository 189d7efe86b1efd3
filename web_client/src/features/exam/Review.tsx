import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { dayOf, timeOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { shownNumber } from '../exams/decimal'
import { Question } from '../questions/Question'
import { RichText } from '../questions/Rich'
import { Loaded } from '../school/loaded'
import { Appeals } from './Appeals'
import classes from './Rest.module.css'
import { type ReviewQuestion, reviewApi, type ReviewView } from './review'

/** What the exam's rules let its learner see: points, answers, or all with what is right. `decided` counts what is new. */
export function Review({ sittingId, zone, decided }: { sittingId: string; zone: string; decided: number }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded(scope, () => reviewApi(api.http).review(sittingId)), [sittingId])
  useEffect(() => {
    if (decided > 0) void loaded?.read()
  }, [loaded, decided])
  return loaded ? <Body loaded={loaded} zone={zone} /> : <Waiting>{t('app.loading')}</Waiting>
}

function Body({ loaded, zone }: { loaded: Loaded<ReviewView>; zone: string }) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const review = read.value
  const at = (moment: string) => `${dayOf(moment, zone)}, ${timeOf(moment, zone)}`
  const objecting = { review, at, changed: () => void loaded.read() }
  if (!review.told) {
    return (
      <p className="muted" data-review="untold">
        {review.what === 'nothing'
          ? t('exam.after.nothing')
          : review.since
            ? t('exam.after.at', { at: at(review.since) })
            : t('exam.after.byHand')}
      </p>
    )
  }
  return (
    <section className={classes.told} data-review={review.what} aria-label={t('exam.after.title')}>
      <h2>{t('exam.after.title')}</h2>
      {review.result && <Result result={review.result} />}
      <Appeals {...objecting} place={null} />
      {review.questions.map((one) => (
        <Asked key={one.place} one={one} language={review.language}>
          <Appeals {...objecting} place={one.place} />
        </Asked>
      ))}
    </section>
  )
}

function Result({ result }: { result: NonNullable<ReviewView['result']> }) {
  const { t, i18n } = useTranslation()
  const number = (value: string) => shownNumber(value, i18n.language)
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('exam.after.points')}</dt>
        <dd className="num">
          {number(result.points)} / {number(result.most)}
        </dd>
      </div>
      {result.percent !== null && (
        <div>
          <dt>{t('exam.after.percent')}</dt>
          <dd className="num">{number(result.percent)} %</dd>
        </div>
      )}
      {result.label && (
        <div>
          <dt>{t('exam.after.mark')}</dt>
          <dd>
            {result.label}
            {result.words && <span className="sm muted"> · {named(result.words)}</span>}
          </dd>
        </div>
      )}
      {result.missing > 0 && <p className="sm muted">{t('exam.after.missing', { count: result.missing })}</p>}
    </dl>
  )
}

function Asked({ one, language, children }: { one: ReviewQuestion; language: string; children: ReactNode }) {
  const { t, i18n } = useTranslation()
  const { key } = one
  const number = (value: string) => shownNumber(value, i18n.language)
  return (
    <article className={classes.asked} data-reviewed={one.place}>
      <h3>
        {t('exam.nth', { place: one.place })} · {one.points === null ? t('exam.after.notYet') : `${number(one.points)} / ${number(one.most)}`}
      </h3>
      {one.shown && (
        <Question shown={one.shown} answer={one.answer} onAnswer={() => undefined} disabled language={language} media={one.media} />
      )}
      {one.files.length > 0 && (
        <ul className={classes.part}>
          {one.files.map(({ url, name }) => (
            <li key={url}>
              <a href={url}>{name}</a>
            </li>
          ))}
        </ul>
      )}
      {one.said && (
        <div className="note">
          <RichText rich={one.said} media={one.media} />
        </div>
      )}
      {one.comments.map((comment) => (
        <p className="note" key={comment}>
          <Icon name="message-square" />
          <span>{comment}</span>
        </p>
      ))}
      {one.regraded && <p className="sm muted">{t(`exam.after.regraded.${one.regraded}`)}</p>}
      {key && one.shown && (key.answer || key.accepted.length > 0 || key.sample) && (
        <details>
          <summary className="tap">{t('exam.after.right')}</summary>
          {key.accepted.length > 0 && <p>{key.accepted.join(' · ')}</p>}
          {key.answer && key.accepted.length === 0 && (
            <Question
              shown={one.shown}
              answer={key.answer}
              onAnswer={() => undefined}
              disabled
              language={language}
              media={one.media}
            />
          )}
          {key.sample && <RichText rich={key.sample} media={one.media} />}
        </details>
      )}
      {key?.general && <RichText rich={key.general} media={one.media} />}
      {children}
    </article>
  )
}
