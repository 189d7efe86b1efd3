import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { dayOf, timeOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Question } from '../questions/Question'
import { RichText } from '../questions/Rich'
import { Loaded } from '../school/loaded'
import classes from './Rest.module.css'
import { type ReviewQuestion, reviewApi, type ReviewView } from './review'

const IDLE = new Doing().state
const LONGEST_WHY = 2000

/** What the exam's rules let its learner see: points, answers, or all with what is right. */
export function Review({ sittingId, zone }: { sittingId: string; zone: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded(scope, () => reviewApi(api.http).review(sittingId)), [sittingId])
  return loaded ? <Body loaded={loaded} zone={zone} /> : <Waiting>{t('app.loading')}</Waiting>
}

function Body({ loaded, zone }: { loaded: Loaded<ReviewView>; zone: string }) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const review = read.value
  const at = (moment: string) => `${dayOf(moment, zone)}, ${timeOf(moment, zone)}`
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
    <section data-review={review.what} aria-label={t('exam.after.title')}>
      <h2>{t('exam.after.title')}</h2>
      {review.result && <Result result={review.result} />}
      <Appeals review={review} at={at} changed={() => void loaded.read()} />
      {review.questions.map((one) => (
        <Asked key={one.place} one={one} language={review.language} />
      ))}
    </section>
  )
}

function Result({ result }: { result: NonNullable<ReviewView['result']> }) {
  const { t } = useTranslation()
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('exam.after.points')}</dt>
        <dd className="num">
          {result.points} / {result.most}
        </dd>
      </div>
      {result.percent !== null && (
        <div>
          <dt>{t('exam.after.percent')}</dt>
          <dd className="num">{result.percent} %</dd>
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

function Asked({ one, language }: { one: ReviewQuestion; language: string }) {
  const { t } = useTranslation()
  const { key } = one
  return (
    <article className={classes.asked} data-reviewed={one.place}>
      <h3>
        {t('exam.nth', { place: one.place })} · {one.points === null ? t('exam.after.notYet') : `${one.points} / ${one.most}`}
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
    </article>
  )
}

interface AppealsProps {
  review: ReviewView
  at: (moment: string) => string
  changed: () => void
}

/** Objections, and the way to make one while there is time. */
function Appeals({ review, at, changed }: AppealsProps) {
  const { t } = useTranslation()
  const { api, clock } = useServices()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const [opened, setOpened] = useState(false)
  const [why, setWhy] = useState('')
  const may = review.appeal_until !== null && Date.parse(review.appeal_until) > clock.now()
  const send = async () => {
    const made = await doing?.run(() => reviewApi(api.http).appeal(review.sitting_id, null, why.trim()))
    if (!made) return
    setOpened(false)
    setWhy('')
    changed()
  }
  return (
    <>
      {review.appeals.map((one) => (
        <div className="note" key={one.id} data-appeal={one.state}>
          <div className="grow">
            <p>
              <b>{t(`exam.appeal.${one.state}`)}</b> · {at(one.at)}
            </p>
            <p>{one.why}</p>
            {one.answer && <p className="muted">{one.answer}</p>}
          </div>
        </div>
      ))}
      {may && (
        <div className={classes.pair}>
          <Button variant="default" onClick={() => setOpened(true)}>
            {t('exam.appeal.make')}
          </Button>
          <span className="sm muted">{t('exam.appeal.until', { at: at(review.appeal_until!) })}</span>
        </div>
      )}
      <Dialog opened={opened} close={() => setOpened(false)} title={t('exam.appeal.make')}>
        <Textarea
          label={t('exam.appeal.why')}
          description={t('exam.appeal.text')}
          value={why}
          rows={5}
          maxLength={LONGEST_WHY}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        {state.error !== null && <Problem error={state.error} />}
        <div className={classes.pair}>
          <Button loading={state.busy} disabled={why.trim() === ''} onClick={() => void send()}>
            {t('exam.appeal.send')}
          </Button>
          <Button variant="default" onClick={() => setOpened(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </Dialog>
    </>
  )
}
