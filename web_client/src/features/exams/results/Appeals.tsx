import { Button, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { AppealView, ExamView } from '../../../api/exams'
import { dayOf, timeOf } from '../../../base/format'
import { named } from '../../../base/i18n'
import { useMe } from '../../../me'
import { useTask } from '../../school/context'
import { Ask } from '../../school/form'
import { tell } from '../../school/tell'
import { decimalOf, shownNumber } from '../decimal'
import classes from '../exams.module.css'
import { Seg } from '../parts'
import { useExams, useLoaded } from '../use'

/** What learners ask to be looked at again, and what they were answered. */
export function Appeals({ exam }: { exam: ExamView }) {
  const { t, i18n } = useTranslation()
  const { zone } = useMe()
  const exams = useExams()
  const appeals = useLoaded(() => exams.appeals(exam.id), [exam.id, exam.version], true)
  const [open, setOpen] = useState<AppealView>()
  if (appeals.phase !== 'ready' || appeals.value.items.length === 0) return null
  return (
    <section className={classes.part} aria-label={t('exams.appeals')}>
      <h2>{t('exams.appeals')}</h2>
      <ul className={classes.list}>
        {appeals.value.items.map((one) => (
          <li key={one.id} data-appeal={one.state}>
            <div className={classes.main}>
              <b>
                {one.name ?? one.number}
                {one.place !== null && ` · ${t('exams.questionNth', { nth: one.place })}`}
              </b>
              {one.title && <span className="sm muted">{named(one.title)}</span>}
              <span>{one.why}</span>
              <span className="muted sm">
                {dayOf(one.at, zone)}, {timeOf(one.at, zone)}
              </span>
              {one.state !== 'open' && (
                <span className="sm">
                  {t(`exams.appeal.${one.state}`)}
                  {one.points !== null && ` (${shownNumber(one.before, i18n.language)} → ${shownNumber(one.points, i18n.language)})`}:{' '}
                  {one.answer}
                </span>
              )}
            </div>
            <Link href={`/sittings/${one.sitting_id}/review`} className="tap">
              {t('exams.seeWork')}
            </Link>
            {one.state === 'open' && exam.part === 'chair' && (
              <Button size="sm" onClick={() => setOpen(one)}>
                {t('exams.decide')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {open && <Decide appeal={open} close={() => setOpen(undefined)} done={() => void appeals.read()} />}
    </section>
  )
}

interface DecideProps {
  appeal: AppealView
  close: () => void
  done: () => void
}

function Decide({ appeal, close, done }: DecideProps) {
  const { t, i18n } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [decision, setDecision] = useState<'grant' | 'refuse'>('grant')
  const [points, setPoints] = useState(() => (appeal.before === null ? '' : shownNumber(appeal.before, i18n.language)))
  const [why, setWhy] = useState('')
  const [sent, setSent] = useState(false)
  const asksPoints = decision === 'grant' && appeal.place !== null
  const send = async () => {
    setSent(true)
    if (!why.trim() || (asksPoints && decimalOf(points) === null)) return
    const body = { decision, why: why.trim(), points: asksPoints ? decimalOf(points) : null }
    if (!(await task.run(() => exams.decide(appeal.id, body)))) return
    tell(t('school.saved'))
    done()
    close()
  }
  return (
    <Ask title={t('exams.decide')} close={close} task={task} submit={t('exams.decideDo')} send={() => void send()}>
      {appeal.place !== null && (
        <p>
          <b>{t('exams.questionNth', { nth: appeal.place })}</b>
          {appeal.title && ` · ${named(appeal.title)}`}
        </p>
      )}
      <p>{appeal.why}</p>
      <Seg
        label={t('exams.decision')}
        value={decision}
        choices={[
          { value: 'grant', label: t('exams.grant') },
          { value: 'refuse', label: t('exams.refuse') },
        ]}
        change={setDecision}
      />
      {asksPoints && (
        <TextInput
          label={t('exams.pointsSince')}
          description={t('exams.pointsOfMost', { most: shownNumber(appeal.most, i18n.language) })}
          value={points}
          inputMode="decimal"
          error={sent && decimalOf(points) === null ? t('common.fillIn') : undefined}
          onChange={(event) => setPoints(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={t('exams.answerToLearner')}
        value={why}
        maxLength={1000}
        rows={3}
        error={sent && !why.trim() ? t('common.fillIn') : undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </Ask>
  )
}
