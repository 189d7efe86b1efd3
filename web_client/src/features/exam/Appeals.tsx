import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Problem } from '../../ui/Problem'
import { shownNumber } from '../exams/decimal'
import classes from './Rest.module.css'
import { reviewApi, type ReviewView } from './review'

const IDLE = new Doing().state
const LONGEST_WHY = 2000

interface Props {
  review: ReviewView
  /** Of which question; null of the whole. */
  place: number | null
  at: (moment: string) => string
  changed: () => void
}

/** Objections to one question or to the whole with what they were answered, and the way to make one while there is time. */
export function Appeals({ review, place, at, changed }: Props) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const [asks, setAsks] = useState(false)
  const [made, setMade] = useState('')
  const mine = review.appeals.filter((one) => one.place === place)
  const inTime = review.appeal_until !== null && Date.parse(review.appeal_until) > clock.now()
  const may = inTime && mine.every(({ state }) => state !== 'open')
  const whole = place === null
  return (
    <>
      {mine.map((one) => (
        <Objection key={one.id} appeal={one} at={at} fresh={one.id === made} />
      ))}
      {may && (
        <div className={classes.pair}>
          <Button
            variant={whole ? 'default' : 'subtle'}
            size={whole ? 'md' : 'sm'}
            data-appeal-of={place ?? 'whole'}
            aria-label={whole ? undefined : `${t('exam.appeal.makeOf')}: ${t('exam.nth', { place })}`}
            onClick={() => setAsks(true)}
          >
            {t(whole ? 'exam.appeal.make' : 'exam.appeal.makeOf')}
          </Button>
          {whole && <span className="sm muted">{t('exam.appeal.until', { at: at(review.appeal_until!) })}</span>}
        </div>
      )}
      {asks && (
        <Make
          sitting={review.sitting_id}
          place={place}
          close={() => setAsks(false)}
          done={(id) => {
            setAsks(false)
            setMade(id)
            changed()
          }}
        />
      )}
    </>
  )
}

interface ObjectionProps {
  appeal: ReviewView['appeals'][number]
  at: Props['at']
  /** Was just made here: who works by keys goes on from it. */
  fresh: boolean
}

function Objection({ appeal, at, fresh }: ObjectionProps) {
  const { t, i18n } = useTranslation()
  const note = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (fresh) note.current?.focus()
  }, [fresh])
  return (
    <div className="note" ref={note} tabIndex={-1} data-appeal={appeal.state}>
      <div className="grow">
        <p>
          <b>{t(`exam.appeal.${appeal.state}`)}</b> · {at(appeal.at)}
        </p>
        <p>{appeal.why}</p>
        {appeal.points !== null && (
          <p className="num">
            {t('exam.appeal.points', {
              before: shownNumber(appeal.before, i18n.language),
              points: shownNumber(appeal.points, i18n.language),
            })}
          </p>
        )}
        {appeal.answer && <p className="muted">{t('exam.appeal.answered', { answer: appeal.answer })}</p>}
      </div>
    </div>
  )
}

interface MakeProps {
  sitting: string
  place: number | null
  close: () => void
  done: (id: string) => void
}

function Make({ sitting, place, close, done }: MakeProps) {
  const { t } = useTranslation()
  const { api } = useServices()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const [why, setWhy] = useState('')
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    },
    [before],
  )
  const send = async () => {
    const made = await doing?.run(() => reviewApi(api.http).appeal(sitting, place, why.trim()))
    if (made) done(made.id)
  }
  const title = place === null ? t('exam.appeal.make') : `${t('exam.appeal.makeOf')}: ${t('exam.nth', { place })}`
  return (
    <Dialog opened close={close} title={title}>
      <div className={classes.making}>
        <Textarea
          label={t('exam.appeal.why')}
          description={t(place === null ? 'exam.appeal.text' : 'exam.appeal.textOf')}
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
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
